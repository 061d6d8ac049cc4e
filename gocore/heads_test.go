package gocore

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

func TestHeadsAreMadeOnce(t *testing.T) {
	var heads Heads
	first, second := new(Response), new(Response)
	heads.Set(first, StatusOK, "text/plain", nil)
	heads.Set(second, StatusOK, "text/plain", nil)
	assert.NotNil(t, first.Head())
	assert.Same(t, first.Head(), second.Head())
	assert.Equal(t, "Content-Type: text/plain\r\n", string(first.Header.Block()))
	heads.Set(second, StatusNotFound, "text/plain", nil)
	assert.NotSame(t, first.Head(), second.Head())
	assert.Equal(t, StatusNotFound, second.Status)
	response := new(Response)
	assert.Zero(t, testing.AllocsPerRun(100, func() { heads.Set(response, StatusOK, "text/plain", nil) }))
}

func TestHeadsDoNotKeepWhatTheyWereLent(t *testing.T) {
	var heads Heads
	lent := []byte("text/plain")
	heads.Set(new(Response), StatusOK, unsafe.String(&lent[0], len(lent)), nil)
	copy(lent, "text/html!")
	response := new(Response)
	heads.Set(response, StatusOK, "text/plain", nil)
	assert.Equal(t, "Content-Type: text/plain\r\n", string(response.Header.Block()))
}

func TestOtherFieldsStandBehindTheContentType(t *testing.T) {
	var heads Heads
	for _, test := range []struct {
		status              Status
		contentType, fields string
		want                string
	}{
		{StatusOK, "text/plain", "A: 1\r\n", "Content-Type: text/plain\r\nA: 1\r\n"},
		{StatusOK, "", "A: 1\r\n", "A: 1\r\n"},
		{StatusNoContent, "text/plain", "", ""},
		{StatusOK, "", "", ""},
	} {
		response := new(Response)
		heads.Set(response, test.status, test.contentType, []byte(test.fields))
		assert.Equal(t, test.want, string(response.Header.Block()))
		assert.Equal(t, test.status, response.Status)
		assert.Nil(t, response.Head())
	}
}

func TestHeadsThatAreMadeUpAreNotKept(t *testing.T) {
	var heads Heads
	for i := range 100 {
		heads.Set(new(Response), StatusOK, "text/"+string(rune('a'+i%26))+string(rune('a'+i/26)), nil)
	}
	assert.Len(t, *heads.known.Load(), mostHeads)
}
