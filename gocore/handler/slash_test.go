package handler

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

func TestTrailingSlashIsAddedOrRemoved(t *testing.T) {
	for _, test := range []struct{ path, query, want string }{
		{"/a", "", "/a/"},
		{"/a/", "", "/a"},
		{"/a/b%2Fc%5C", "", "/a/b%2Fc%5C/"},
		{"/a", "x=%2F&y=//", "/a/?x=%2F&y=//"},
		{"/a/", "x", "/a?x"},
		{"/a//b", "", "/a//b/"},
		{"/a//", "", "/a/"},
	} {
		request := newRequest()
		request.Path, request.Query = []byte(test.path), []byte(test.query)
		response := serve(t, TrailingSlash{}, request)
		assert.Equal(t, gocore.StatusPermanentRedirect, response.Status, test.path)
		assert.Equal(t, "Location: "+test.want+"\r\n", string(response.Header.Block()), test.path)
		assert.Empty(t, response.Bytes(), test.path)
	}
}

func TestTrailingSlashLeadsToNoOtherHost(t *testing.T) {
	for _, path := range []string{"//evil.com", "//evil.com/", "///evil.com", "//", "/", "", "*"} {
		request := newRequest()
		request.Path = []byte(path)
		response := serve(t, TrailingSlash{}, request)
		assert.Equal(t, gocore.StatusNotFound, response.Status, path)
		assert.Empty(t, response.Header.Block(), path)
	}
}

func TestTrailingSlashDoesNotAllocate(t *testing.T) {
	request := newRequest()
	request.Path, request.Query = []byte("/a"), []byte("b")
	assertNoAllocations(t, TrailingSlash{}, request)
}
