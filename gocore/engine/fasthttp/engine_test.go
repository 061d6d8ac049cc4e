package fasthttp_test

import (
	"testing"

	"fastgo/gocore/engine"
	"fastgo/gocore/engine/enginetest"
	"fastgo/gocore/engine/fasthttp"
)

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(config engine.Config) engine.Engine {
		made, err := fasthttp.New(config)
		if err != nil {
			t.Fatal(err)
		}
		return made
	})
}
