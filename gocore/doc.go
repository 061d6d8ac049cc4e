// Package gocore is the vocabulary that every part of the server speaks:
// Request, Response, Handler, Route, Token and the small types they are made of.
//
// It holds no sockets, no parser and nothing of Python. Engines fill a Request,
// ask the server's find function for its Route, call the route's Handler and
// send what it left in the Response:
//
//	bytes -> engine -> Request -> find -> Route.Handler.Serve -> Response -> engine -> bytes
//
// # Lifetime of memory
//
// An engine reuses one Request and one Response for many requests. Every slice
// reached from a Request is borrowed: it may be read until Serve returns and no
// longer. A handler that answers later (see Outcome) copies what it needs before
// it returns. Nothing on the way of a request allocates.
package gocore
