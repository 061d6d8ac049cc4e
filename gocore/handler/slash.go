package handler

import "fastgo/gocore"

// TrailingSlash redirects to the same path with a slash at its end, or without the
// one that it has (308). The query stays.
type TrailingSlash struct{}

// Serve redirects. A path that begins with two slashes would name another host as a
// Location, which whoever made the link has chosen: for it there is no other path
// (404), as there is none for "/". Routers ask for neither.
func (TrailingSlash) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	path := request.Path
	if len(path) < 2 || path[1] == '/' {
		response.Status = gocore.StatusNotFound
		return gocore.Answered
	}
	line := append(response.Scratch[:0], locationField...)
	if last := len(path) - 1; path[last] == '/' {
		line = append(line, path[:last]...)
	} else {
		line = append(line, path...)
		line = append(line, '/')
	}
	if len(request.Query) > 0 {
		line = append(line, '?')
		line = append(line, request.Query...)
	}
	line = append(line, "\r\n"...)
	redirectTo(response, gocore.StatusPermanentRedirect, line)
	return gocore.Answered
}

const locationField = "Location: "

// redirectTo answers with a Location. Its line is in the response's scratch memory.
func redirectTo(response *gocore.Response, status gocore.Status, line []byte) {
	response.Scratch = line
	response.Status = status
	response.Header.Borrow(line)
	response.SetBytes(nil)
}
