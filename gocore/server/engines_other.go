//go:build !linux

package server

// engineKinds are the engines of this system, the best for plain sockets first.
var engineKinds = []engineKind{fasthttpKind}
