#!/bin/sh -e
echo "$0 with $# arguments: $*"
