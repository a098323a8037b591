/* goods.h - something of everything that a store can hold, for tests that carry it. */
#ifndef TESTS_CONTROL_GOODS_H
#define TESTS_CONTROL_GOODS_H

#include "rig.h"

void goods_fill(struct rig *rig);

#endif
