#!/bin/sh
# Every example of XEP-0060 and XEP-0248 is shown by a flow, or there is a reason why not.
cd "$srcdir" && exec tests/flow/conformance --check
