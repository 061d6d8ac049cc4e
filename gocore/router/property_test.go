package router

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"fastgo/gocore"
)

// TestMain makes rapid try more than its default; its own flag still wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "3000"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

var (
	drawnSegments = rapid.SampledFrom([]string{"a", "b", "ab", "abc", "1", "-7", "01", "", "{x}", "{x:int}", "{x...}"})
	drawnParts    = rapid.SampledFrom([]string{"a", "b", "ab", "abc", "abcd", "1", "-7", "01", "", "c", "a/b", "%61", "..", "."})
	drawnHosts    = rapid.SampledFrom([]string{"", "", "one.test", "two.test"})
	drawnMethods  = rapid.SampledFrom([]gocore.Method{
		gocore.MethodOther, gocore.MethodGet, gocore.MethodGet, gocore.MethodHead, gocore.MethodPost, gocore.MethodOptions,
	})
)

// drawPattern draws a pattern: what stands behind a rest is left out, and names are
// made to differ.
func drawPattern(t *rapid.T) string {
	var pattern strings.Builder
	for i, segment := range rapid.SliceOfN(drawnSegments, 1, 4).Draw(t, "segments") {
		pattern.WriteString("/" + strings.Replace(segment, "x", string(rune('a'+i)), 1))
		if strings.HasSuffix(segment, "...}") {
			break
		}
	}
	return pattern.String()
}

// drawPath encodes what has to be, and a few other bytes.
func drawPath(t *rapid.T, parts []string) string {
	var path strings.Builder
	for _, part := range parts {
		path.WriteByte('/')
		for i := range len(part) {
			if c := part[i]; c == '/' || c == '%' || rapid.IntRange(0, 5).Draw(t, "escape") == 0 {
				fmt.Fprintf(&path, "%%%02x", c)
			} else {
				path.WriteByte(c)
			}
		}
	}
	return path.String()
}

func TestTablesAgreeWithTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m model
		var routes []Route[string]
		taken, twice := map[string]bool{}, false
		for range rapid.IntRange(0, 8).Draw(t, "routes") {
			method, host, pattern := drawnMethods.Draw(t, "method"), drawnHosts.Draw(t, "host"), drawPattern(t)
			described := newModelRoute(method.String()+" "+host+pattern, method, host, pattern)
			described.slash = rapid.Bool().Draw(t, "slash")
			shape := method.String() + " " + host + "/" + shapeOf(described.segments)
			parsed, err := Parse(pattern)
			require.NoError(t, err)
			routes = append(routes, Route[string]{
				Method: method, Any: method == gocore.MethodOther, Host: host, Pattern: parsed,
				SlashRedirect: described.slash, Payload: described.name,
			})
			twice = twice || taken[shape]
			taken[shape] = true
			m.routes = append(m.routes, described)
		}
		table, conflict := Build(routes, testFallbacks)
		if twice {
			require.NotNil(t, conflict)
			return
		}
		require.Equal(t, m.ambiguous(), conflict != nil, "%v", conflict)
		if conflict != nil {
			one, other := m.routes[conflict.First], m.routes[conflict.Second]
			shared := strings.Split(conflict.Path[1:], "/")
			require.True(t, one.matches(shared) && other.matches(shared), "%v", conflict)
			first, second := compare(one.segments, other.segments)
			require.True(t, first && second, "%v", conflict)
			return
		}
		var params gocore.Params
		for range 20 {
			method, host := drawnMethods.Draw(t, "method"), drawnHosts.Draw(t, "host")
			parts := rapid.SliceOfN(drawnParts, 1, 5).Draw(t, "parts")
			path := drawPath(t, parts)
			got := table.Match(method, []byte(host), []byte(path), &params)
			require.Equal(t, m.match(method, host, parts), got, "%s %s%s", method, host, path)
			if route := m.named(got); route != nil {
				require.Equal(t, valuesOf(route.segments, parts), values(&params), "%s for %s", got, path)
			} else {
				require.Zero(t, params.Len())
			}
		}
	})
}

func (m model) named(name string) *modelRoute {
	for i := range m.routes {
		if m.routes[i].name == name {
			return &m.routes[i]
		}
	}
	return nil
}

// valuesOf returns what a pattern's parameters are in a path that it matches.
func valuesOf(pattern, parts []string) []string {
	found := []string{}
	for i, segment := range pattern {
		switch rank(segment) {
		case 1, 2:
			found = append(found, parts[i])
		case 3:
			found = append(found, strings.Join(parts[i:], "/"))
		}
	}
	return found
}

func values(params *gocore.Params) []string {
	found := []string{}
	for i := range params.Len() {
		found = append(found, string(params.Value(i)))
	}
	return found
}
