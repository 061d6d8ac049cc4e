// Package slab lends memory that lies outside the Go heap, so that C and Python can
// read it without copies. It is for Linux; elsewhere the package is empty.
package slab
