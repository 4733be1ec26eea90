#!/usr/bin/env node
// The command line's front door.
