#!/bin/sh
# Runs every flow. To run one: build/tests/flow/run-flows tests/flow/flows/NAME.flow
exec "$builddir/tests/flow/run-flows" "$srcdir"/tests/flow/flows/*.flow
