package server

import (
	"fastgo/gocore/engine"
	"fastgo/gocore/engine/epoll"
)

// engineKinds are the engines of this system, the best for plain sockets first.
var engineKinds = []engineKind{
	{
		name:  "epoll",
		spare: 1,
		build: func(config engine.Config, loops int) (engine.Engine, error) { return epoll.New(config, loops) },
	},
	fasthttpKind,
}
