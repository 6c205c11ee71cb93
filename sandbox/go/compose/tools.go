//go:build tools

// Package tools pins what `npm run bench` compares with where it cannot be downloaded.
package tools

import _ "github.com/docker/compose/v5/cmd"
