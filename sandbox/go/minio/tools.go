//go:build tools

// Package tools pins what scripts/up builds where it cannot be downloaded.
package tools

import _ "github.com/minio/minio"
