package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

func TestRefusalSaysItsStatusAsText(t *testing.T) {
	refusal := Refusal(gocore.StatusContentTooLarge)
	assert.Equal(t, gocore.StatusContentTooLarge, refusal.Status)
	assert.Equal(t, "413 Content Too Large\n", string(refusal.Body))
	assert.Equal(t, "Content-Type: text/plain; charset=utf-8\r\n", string(refusal.Header.Block()))
	assert.Same(t, refusal, Refusal(gocore.StatusContentTooLarge), "made ready once")
}

func TestRefusalOfAnUnknownStatusIsAnInternalError(t *testing.T) {
	assert.Equal(t, gocore.StatusInternalServerError, Refusal(299).Status)
}
