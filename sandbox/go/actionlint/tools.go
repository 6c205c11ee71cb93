//go:build tools

// Package tools pins what scripts/test checks the workflows with.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
