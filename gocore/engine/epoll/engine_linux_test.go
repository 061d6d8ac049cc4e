package epoll_test

import (
	"testing"

	"fastgo/gocore/engine"
	"fastgo/gocore/engine/enginetest"
	"fastgo/gocore/engine/epoll"
)

func TestEngineConforms(t *testing.T) {
	for name, loops := range map[string]int{"one loop": 1, "two loops": 2} {
		t.Run(name, func(t *testing.T) {
			enginetest.Run(t, func(config engine.Config) engine.Engine {
				made, err := epoll.New(config, loops)
				if err != nil {
					t.Fatal(err)
				}
				return made
			})
		})
	}
}
