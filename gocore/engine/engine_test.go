package engine

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

// serve calls handler through a Config whose log it returns.
func serve(handler gocore.HandlerFunc, response *gocore.Response) (outcome gocore.Outcome, log string) {
	var written strings.Builder
	config := Config{Logger: slog.New(slog.NewTextHandler(&written, nil))}
	request := &gocore.Request{MethodName: []byte("GET"), Path: []byte("/path")}
	outcome = config.Serve(&gocore.Route{Handler: handler}, request, response)
	return outcome, written.String()
}

func TestServePassesTheOutcomeOn(t *testing.T) {
	for _, want := range []gocore.Outcome{gocore.Answered, gocore.Deferred} {
		outcome, log := serve(func(*gocore.Request, *gocore.Response) gocore.Outcome { return want }, new(gocore.Response))
		assert.Equal(t, want, outcome)
		assert.Empty(t, log)
	}
}

// releases counts.
type releases int

func (r *releases) Release() { *r++ }

func TestServeAnswersAPanicWith500(t *testing.T) {
	var response gocore.Response
	var released releases
	outcome, log := serve(func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
		response.Status = gocore.StatusNotFound
		assert.NoError(t, response.Header.Add("X-Half", "done"))
		response.SetBytes([]byte("half"))
		response.OnRelease(&released)
		panic("broken")
	}, &response)
	assert.Equal(t, gocore.Answered, outcome)
	assert.Equal(t, gocore.RenderedBody, response.Kind())
	assert.Equal(t, gocore.StatusInternalServerError, response.Rendered().Status)
	assert.Empty(t, response.Header.Block())
	assert.EqualValues(t, 1, released, "what was lent is given back")
	for _, part := range []string{"method=GET", "path=/path", "panic=broken", "engine_test.go"} {
		assert.Contains(t, log, part)
	}
}

func TestServeAnswersAnyKindOfPanic(t *testing.T) {
	for _, reason := range []any{assert.AnError, 42, nil} {
		var response gocore.Response
		outcome, log := serve(func(*gocore.Request, *gocore.Response) gocore.Outcome { panic(reason) }, &response)
		assert.Equal(t, gocore.Answered, outcome)
		assert.Equal(t, gocore.RenderedBody, response.Kind())
		assert.Contains(t, log, "handler panicked")
	}
}
