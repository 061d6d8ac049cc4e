package gocore

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHeaderKeepsFieldsAsTheyTravel(t *testing.T) {
	var header Header
	require.NoError(t, header.Add("X-One", "1"))
	require.NoError(t, header.Add("x-two", ""))
	require.NoError(t, header.Add("X-One", "again\tand é"))
	assert.Equal(t, "X-One: 1\r\nx-two: \r\nX-One: again\tand é\r\n", string(header.Block()))
	assert.Equal(t, "1", string(header.Get("x-ONE")))
	assert.NotNil(t, header.Get("X-Two"))
	assert.Nil(t, header.Get("X-Three"))
}

func TestHeaderReadsABorrowedBlock(t *testing.T) {
	var header Header
	header.Borrow([]byte("Host: a\r\nAccept:*/*\r\nX:  padded \t\r\n"))
	var names, values []string
	for name, value := range header.All() {
		names = append(names, string(name))
		values = append(values, string(value))
	}
	assert.Equal(t, []string{"Host", "Accept", "X"}, names)
	assert.Equal(t, []string{"a", "*/*", "padded"}, values)
}

func TestHeaderNeverWritesIntoABorrowedBlock(t *testing.T) {
	lent := []byte("A: 1\r\n")
	var header Header
	header.Borrow(lent)
	header.Reset()
	require.NoError(t, header.Add("B", "2"))
	header.Borrow(lent[:3])
	require.NoError(t, header.Add("C", "3"))
	assert.Equal(t, "A: 1\r\n", string(lent))
}

func TestHeaderRefusesWhatWouldInject(t *testing.T) {
	var header Header
	for _, field := range [][2]string{
		{"X", "a\r\nSet-Cookie: b"}, {"X", "a\nb"}, {"X", "a\rb"}, {"X", "a\x00"}, {"X", "\x7f"},
		{"", "a"}, {"X Y", "a"}, {"X:", "a"}, {"X\r\n", "a"}, {"é", "a"},
	} {
		assert.Error(t, header.Add(field[0], field[1]), "%q", field)
	}
	assert.Empty(t, header.Block())
}

func TestHeaderDoesNotAllocateOnceWarm(t *testing.T) {
	var header Header
	lent := []byte("Host: a\r\nAccept: */*\r\n")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		header.Borrow(lent)
		if header.Get("accept") == nil {
			t.Fail()
		}
		header.Reset()
		if header.Add("X-Request-Id", "0123456789") != nil {
			t.Fail()
		}
	}))
}
