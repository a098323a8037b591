#!/bin/sh
# Every workload of the bench, very small: each answer and each notification comes exactly once.
exec "$builddir"/tests/bench/run --tap
