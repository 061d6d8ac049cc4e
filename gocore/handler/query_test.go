package handler

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQueryValues(t *testing.T) {
	for _, test := range []struct{ query, name, want string }{
		{"", "a", ""},
		{"a=1", "a", "1"},
		{"a=1&a=2", "a", "1"},
		{"b=1&a=2", "a", "2"},
		{"ab=1&a=2", "a", "2"},
		{"a=1&ab=2", "ab", "2"},
		{"a", "a", ""},
		{"a&a=2", "a", ""},
		{"a=&a=2", "a", ""},
		{"A=1", "a", ""},
		{"=1", "a", ""},
		{"a=1=2", "a", "1=2"},
		{"&&a=1&", "a", "1"},
		{"a=1;b=2", "a", "1;b=2"},
		{"a=x+y%20z%2b", "a", "x y z+"},
		{"a=%c3%BC%FF%00", "a", "ü\xff\x00"},
		{"a=100%&b=%4", "a", "100%"},
		{"a=100%&b=%4", "b", "%4"},
		{"a=%zz%4x%g0", "a", "%zz%4x%g0"},
		{"%61%62=1", "ab", "1"},
		{"a+b=1", "a b", "1"},
		{"a%26b=1", "a&b", "1"},
		{"%zz=1", "%zz", "1"},
		{"a%=1", "a%", "1"},
	} {
		got := appendQueryValue([]byte("x"), []byte(test.query), test.name, inPath)
		want := string(inPath.append([]byte("x"), []byte(test.want)))
		assert.Equal(t, want, string(got), "%s of %q", test.name, test.query)
	}
}

// FuzzQuery holds the reading of queries to that of package net/url, where that one
// has no objection.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "name=1&name=2", "n%61me=a+b%2Fc", "name", "&=&name==", "name=%"} {
		f.Add(seed, "name")
	}
	f.Fuzz(func(t *testing.T, query, name string) {
		values, err := url.ParseQuery(query)
		if err != nil || name == "" {
			return
		}
		got := appendQueryValue(nil, []byte(query), name, inURL)
		require.Equal(t, string(inURL.append(nil, []byte(values.Get(name)))), string(got))
		require.False(t, strings.ContainsAny(string(got), "&+ "))
	})
}
