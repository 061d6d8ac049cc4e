package fasthttp

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func newInput(head int) *input {
	in := new(input)
	in.init(newPool(head))
	return in
}

func fill(in *input, room []byte, text string) {
	in.add(copy(room, text))
}

func TestInputGrowsOnceAndShrinksWhenEmpty(t *testing.T) {
	in := newInput(40_000)
	text := strings.Repeat("0123456789", 4000)
	fill(in, in.roomForHead(), text)
	assert.Len(t, in.unread(), smallInput)
	fill(in, in.roomForHead(), text[smallInput:])
	assert.Equal(t, text, string(in.unread()))
	assert.NotNil(t, in.large)
	in.use(len(text))
	in.roomForHead()
	assert.Nil(t, in.large)
	assert.Len(t, in.memory, smallInput)
}

func TestInputMovesWhatIsUnreadOnlyWhenItHasTo(t *testing.T) {
	in := newInput(40_000)
	fill(in, in.roomForHead(), strings.Repeat("a", 1000)+"rest")
	in.use(1000)
	assert.Len(t, in.roomForHead(), smallInput-1004)
	fill(in, in.roomForHead(), strings.Repeat("b", smallInput))
	assert.Len(t, in.roomForHead(), 1000)
	assert.True(t, bytes.HasPrefix(in.unread(), []byte("restb")))
	assert.Nil(t, in.large)
}

func TestBodiesGoBehindTheHead(t *testing.T) {
	for _, size := range []int{100, smallInput - 1, smallInput, 30_000, 40_000} {
		in := newInput(40_000)
		head := strings.Repeat("h", size)
		for got := 0; got < size; got += len(in.unread()) - got {
			fill(in, in.roomForHead(), head[len(in.unread()):])
		}
		kept := in.use(size)
		in.keep()
		for range 5 {
			room := in.roomForBody()
			assert.NotEmpty(t, room)
			fill(in, room, strings.Repeat("b", len(room)))
			in.use(len(in.unread()))
			assert.Equal(t, head, string(kept), "size %d", size)
		}
	}
}
