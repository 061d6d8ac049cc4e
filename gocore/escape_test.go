package gocore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnescapeReadsEveryByteInBothCases(t *testing.T) {
	for want := range 256 {
		for _, form := range []string{"%%%02x", "%%%02X", "%%%02xbehind"} {
			c, ok := Unescape([]byte(fmt.Sprintf(form, want)))
			assert.True(t, ok, form)
			assert.Equal(t, byte(want), c)
		}
	}
}

func TestUnescapeRefusesWhatIsNoEscape(t *testing.T) {
	for _, text := range []string{"", "%", "%4", "%g1", "%1g", "a41", "%%41", "%é1"} {
		_, ok := Unescape(text)
		assert.False(t, ok, text)
	}
}
