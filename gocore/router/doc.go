// Package router matches a method, a host and a path to a payload.
//
// A Builder collects routes; Build freezes them into a Table, which never changes
// again: a server that wants other routes builds another table and swaps the
// pointer. The package knows neither handlers nor HTTP messages: the payload is a
// type parameter. A match allocates nothing.
//
// # Patterns
//
// The path of a route is a pattern. Each of its segments, which "/" divides, is
// literal or a parameter:
//
//	/users/me           itself
//	/users/{id:int}     a decimal number that fits int64:  /users/42, /users/-7
//	/users/{id}         one segment that is not empty:     /users/ann, not /users/
//	/files/{path...}    all that is left, maybe nothing:   /files/, /files/a/b, not /files
//
// Literals are written as in a URL, percent-encoded where they have to be, "{" and
// "}" too. Two patterns are the same when they differ in the names of parameters
// alone.
//
// # Precedence
//
// The most specific pattern wins, whatever the order of registration: at the first
// segment where two patterns that match differ, literal goes before {x:int}, that
// before {x}, and that before {x...}. A pattern that matches but has no route for
// the method gives way to one that has.
//
// Two patterns are ambiguous when each is more specific than the other in some
// segment and a path matches both. Build refuses them:
//
//	/users/{id}/posts   /users/me/{page}    both match /users/me/posts
//	/static/{path...}   /{user}/{repo}      both match /static/x
//
// Go's net/http.ServeMux has the same rules, but that a route for a host goes
// before those for any host here without regard to paths, and methods are compared
// after paths.
//
// # Methods
//
// A route is for one method or, with Any, for all that have no route of their own at
// the same pattern. GET answers HEAD, too. A path whose patterns lack the method
// gets the payload of NotAllowed, and OPTIONS that of Options, both made for the
// value of an Allow field.
//
// # Paths
//
// A path is percent-decoded once, and an encoded slash divides no segments: in a
// value it is a slash. Dot segments and NUL, encoded or not, are Malformed wherever
// they could match: nothing behind the router has to fear "..".
package router
