package layout

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

func TestPartsFillWholeLines(t *testing.T) {
	assert.Zero(t, unsafe.Offsetof(Queue{}.Workers)%line)
	assert.EqualValues(t, line, unsafe.Sizeof(Worker{}))
	assert.EqualValues(t, 2*line, unsafe.Sizeof(Lane{}))
	assert.EqualValues(t, 7*line, unsafe.Sizeof(Port{}))
	assert.Zero(t, unsafe.Sizeof(Slot{})%line)
	assert.EqualValues(t, 1, unsafe.Sizeof(Slot{})/line%2, "an odd number of lines")
	assert.Zero(t, unsafe.Offsetof(Slot{}.Request)%line, "no line is the answer's and the request's")
	assert.Zero(t, unsafe.Offsetof(Slot{}.Params)%line)
}

func TestFingerprintIsSteady(t *testing.T) {
	assert.Equal(t, Fingerprint(), Fingerprint())
	assert.NotZero(t, Fingerprint())
}
