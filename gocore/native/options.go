package native

import (
	"log/slog"
	"time"

	"fastgo/gocore"
)

// Options are those of an Environment. All must be set.
type Options struct {
	Logger *slog.Logger
	// Memory is the most that one running handler may take, in bytes.
	Memory int
	// Budget is how long a handler may run that does not block.
	Budget time.Duration
	// Threads is how many blocking handlers run at once; Queue is how many more may
	// wait to run.
	Threads, Queue int
	// Failed is the answer where a handler has failed, Busy that where the queue is full.
	Failed, Busy *gocore.Rendered
}

// Spec describes a native handler. Addresses are of this process.
type Spec struct {
	// Address is where the function begins.
	Address uint64 `json:"address"`
	// Name is what the log calls it; empty means the name of its symbol.
	Name string `json:"name"`
	// Data is handed to the function, 0 for NULL; DataSize is how many bytes it points
	// to, 0 where that is not known.
	Data     uint64 `json:"data"`
	DataSize uint64 `json:"data_size"`
	// Blocking: it may wait, and runs on the pool.
	Blocking bool `json:"blocking"`
}

// CompiledSpec describes a handler that calls a function which fastgo.compiled has made.
type CompiledSpec struct {
	Address  uint64
	Name     string
	Blocking bool
	Codec    Codec
}

// Codec turns requests to the words that a compiled function is called with, and those to
// answers. Its methods may be called by many goroutines at once.
type Codec interface {
	// Words tells how many words there are, and where the address and the length of the
	// body go, 0 where it is not needed.
	Words() (count, body int)
	// Decode fills in the words of the arguments, but the body's. False: the response is
	// the answer already.
	Decode(request *gocore.Request, words []int64, response *gocore.Response) bool
	// Length is the size in bytes of the memory that the function has returned, whose
	// address is the first word; 0 where it returns none.
	Length(words []int64) int
	// Encode makes the answer. True: memory is lent to the response.
	Encode(request *gocore.Request, words []int64, memory []byte, response *gocore.Response) (lent bool)
	// Arguments describes the call for the log.
	Arguments(words []int64) string
}

// Route is what a handler is told about its route.
type Route struct {
	// Name is what logs call the route.
	Name   string
	Params []gocore.Param
	// Owner is kept alive as long as the handler may run.
	Owner any
}
