package http1

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func TestValueEndAgreesWithTheTable(t *testing.T) {
	// Pairs of bytes at every place of a step: a mark must not hide or make up
	// one in the lane above.
	text := bytes.Repeat([]byte{'a'}, 20)
	for place := range 17 {
		for first := range 256 {
			for _, second := range []byte{0, 1, '\t', '\r', '\n', 0x1f, ' ', '!', 0x7e, 0x7f, 0x80, 0x9f, 0xff, byte(first)} {
				buf := append([]byte{}, text...)
				buf[place], buf[place+1] = byte(first), second
				require.Equal(t, classEnd(buf, 0, classValue), valueEnd(buf, 0), "%q", buf)
			}
		}
	}
}

func TestTokenClassIsThatOfTheVocabulary(t *testing.T) {
	for c := range 256 {
		assert.Equal(t, gocore.IsToken([]byte{byte(c)}), classes[c]&classToken != 0, "%q", c)
	}
}

func TestIsComparesWithoutRegardToCase(t *testing.T) {
	for _, text := range []string{"content-length", "Content-Length", "CONTENT-LENGTH"} {
		assert.True(t, is([]byte(text), "content-length"))
	}
	for _, text := range []string{"content\rlength", "content-lengtH ", "content_length", "", "content-lengt\x08"} {
		assert.False(t, is([]byte(text), "content-length"), "%q", text)
	}
}
