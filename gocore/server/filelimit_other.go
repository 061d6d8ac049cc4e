//go:build !unix

package server

// fileLimit returns how many connections are sensible where the system sets no limit.
func fileLimit() int { return 1 << 16 }
