package fasthttp

import "sync"

// input holds the bytes of a client that were read and not yet used up:
//
//	memory  [ head of the request under way | used up | unread | room ]
//	        0                               kept      begin    end
//
// A request's slices lie in memory. So nothing is moved or overwritten there from
// the time its head is complete until its answer has been written; what is read
// of its body goes behind the head.
//
// There are two sizes of memory. A connection owns a small one, which is all that
// most ever need. When that is full it takes a large one from a pool, which has
// room for the largest head and a piece of a body, and gives it back when it has
// used up all bytes: an idle connection holds the small one alone.
type input struct {
	pool             *sync.Pool // of large memory, see newPool
	small            []byte
	large            *[]byte
	memory           []byte // small or large
	kept, begin, end int
}

const (
	smallInput = 4 << 10
	// bodyRoom is how much of a body large memory has room for, whatever the head.
	bodyRoom = 8 << 10
)

// newPool returns a pool of large memory for heads of that size.
func newPool(head int) *sync.Pool {
	return &sync.Pool{New: func() any {
		large := make([]byte, max(head, smallInput)+bodyRoom)
		return &large
	}}
}

func (in *input) init(pool *sync.Pool) {
	in.pool = pool
	in.small = make([]byte, smallInput)
	in.memory = in.small
}

// unread returns the bytes that were not used up.
func (in *input) unread() []byte { return in.memory[in.begin:in.end] }

func (in *input) isEmpty() bool { return in.begin == in.end }

// use takes the first n unread bytes.
func (in *input) use(n int) []byte {
	used := in.memory[in.begin : in.begin+n : in.begin+n]
	in.begin += n
	return used
}

// keep protects the bytes that were used up so far.
func (in *input) keep() { in.kept = in.begin }

// add takes in n bytes that were read into the room.
func (in *input) add(n int) { in.end += n }

// roomForHead returns where to read a head or the rest of one. It may move the
// unread bytes.
func (in *input) roomForHead() []byte {
	in.kept = 0
	switch {
	case in.isEmpty():
		in.giveBack()
	case in.end < len(in.memory):
	case in.begin > 0:
		in.moveToFront()
	default:
		in.enlarge()
	}
	return in.memory[in.end:]
}

// roomForBody returns where to read more of a body, of which all was used up.
// Whoever has filled the small memory gets larger pieces.
func (in *input) roomForBody() []byte {
	if in.end == len(in.memory) && in.large == nil {
		in.enlarge()
	} else {
		in.begin, in.end = in.kept, in.kept
	}
	return in.memory[in.end:]
}

// moveToFront moves the unread bytes to the front, which makes room behind them;
// false when they were there.
func (in *input) moveToFront() bool {
	if in.begin == 0 {
		return false
	}
	in.end = copy(in.memory, in.unread())
	in.begin, in.kept = 0, 0
	return true
}

// enlarge moves the unread bytes into large memory. The small one stays as it is.
func (in *input) enlarge() {
	in.large = in.pool.Get().(*[]byte)
	in.end = copy(*in.large, in.unread())
	in.memory, in.begin, in.kept = *in.large, 0, 0
}

// giveBack drops all bytes and goes back to the small memory.
func (in *input) giveBack() {
	if in.large != nil {
		in.pool.Put(in.large)
		in.large, in.memory = nil, in.small
	}
	in.kept, in.begin, in.end = 0, 0, 0
}
