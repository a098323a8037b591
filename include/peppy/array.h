/* array.h - how many elements an array has.
 * Floor 0. */
#ifndef PEPPY_ARRAY_H
#define PEPPY_ARRAY_H

/* Of an array, not of a pointer to its first element: gcc and clang warn of that. */
#define ARRAY_COUNT(array) (sizeof(array) / sizeof *(array))

#endif
