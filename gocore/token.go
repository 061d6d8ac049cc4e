package gocore

// Token names one request that waits for its answer. It is a plain value: it can
// be copied, kept in mapped memory and used from any goroutine, and it is safe
// after the client has gone.
type Token struct {
	completer Completer

	// Connection, Generation and Sequence are the engine's own numbers: a place
	// that is used again and again, how often it has been, and which of its
	// requests this is.
	Connection, Generation, Sequence uint32
}

// NewToken is for engines.
func NewToken(completer Completer, connection, generation, sequence uint32) Token {
	return Token{completer: completer, Connection: connection, Generation: generation, Sequence: sequence}
}

// Answer gives the response to the request, exactly once: it reports false when
// the request was answered before or nobody waits for it any more. The response
// must come from AcquireResponse and belongs to the engine from here on.
func (t Token) Answer(response *Response) bool {
	return t.completer.Complete(t, response)
}

// Completer takes deferred answers. Engines implement it, safe for concurrent use.
type Completer interface {
	Complete(Token, *Response) bool
}

// Deferrer makes the token of the request that is being served. Engines
// implement it; only the goroutine that called Serve calls it, during Serve.
type Deferrer interface {
	Defer() Token
	// Watch names who is told when nobody waits any more for the answer to that token.
	Watch(Watcher)
}

// Watcher is told when a request that was deferred has lost its client: nobody, as it seems,
// waits for its answer any more. The engine calls it from any goroutine, and maybe also when the answer is
// on its way already.
type Watcher interface {
	Left(Token)
}
