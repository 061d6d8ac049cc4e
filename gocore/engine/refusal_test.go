package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestRenderRefusalAddsFields(t *testing.T) {
	var header gocore.Header
	require.NoError(t, header.Add("Retry-After", "1"))
	refusal, err := RenderRefusal(gocore.StatusServiceUnavailable, header)
	require.NoError(t, err)
	assert.Equal(t, "1", string(refusal.Header.Get("Retry-After")))
	assert.Equal(t, "503 Service Unavailable\n", string(refusal.Body))
}

func TestRenderRefusalRefusesAStatusThatIsNotFinal(t *testing.T) {
	for _, status := range []gocore.Status{0, gocore.StatusContinue, gocore.StatusNoContent, 600} {
		_, err := RenderRefusal(status, gocore.Header{})
		assert.Error(t, err, "status %d", status)
	}
}
