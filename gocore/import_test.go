package gocore_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Imports go one way, as ARCHITECTURE.md draws it:
//
//	pybind -> server -> {engine, router, handler, middleware, native, queue} -> {http1, slab} -> root
//
// Packages beside each other do not import each other; they meet in the root. The
// tests below read every Go file under gocore and pybind, whatever its platform
// and build tags, and hold it to these tables. Paths are those within the module.

// layers says what each package may import of this module. A package that is not
// here may exist only below pybind.
var layers = map[string][]string{
	"gocore":                   {},
	"gocore/http1":             {"gocore"},
	"gocore/slab":              {},
	"gocore/router":            {"gocore", "gocore/http1"},
	"gocore/handler":           {"gocore", "gocore/http1"},
	"gocore/middleware":        {"gocore", "gocore/http1"},
	"gocore/native":            {"gocore", "gocore/http1"},
	"gocore/native/nativetest": {},
	"gocore/queue":             {"gocore", "gocore/http1", "gocore/slab", "gocore/queue/layout"},
	"gocore/queue/layout":      {},
	"gocore/queue/queuetest":   {"gocore/queue/layout"},
	"gocore/task":              {},
	"gocore/task/tasktest":     {"gocore/task"},
	"gocore/engine":            {"gocore", "gocore/http1"},
	"gocore/engine/epoll":      {"gocore", "gocore/http1", "gocore/slab", "gocore/engine"},
	"gocore/engine/fasthttp":   {"gocore", "gocore/http1", "gocore/engine"},
	"gocore/engine/enginetest": {"gocore", "gocore/engine"},
	"gocore/server": {
		"gocore", "gocore/http1", "gocore/router", "gocore/handler", "gocore/middleware", "gocore/native",
		"gocore/queue", "gocore/engine", "gocore/engine/epoll", "gocore/engine/fasthttp",
	},
}

// testLayers says what the tests of a package may import beside that and the
// package itself.
var testLayers = map[string][]string{
	"gocore/engine/epoll":    {"gocore/engine/enginetest"},
	"gocore/engine/fasthttp": {"gocore/engine/enginetest"},
	"gocore/native":          {"gocore/native/nativetest"},
	"gocore/queue":           {"gocore/queue/queuetest"},
	"gocore/server":          {"gocore/native/nativetest", "gocore/queue/queuetest"},
	"gocore/task":            {"gocore/task/tasktest"},
}

// restrictions are imports from elsewhere, with the packages below them, that only
// some places may have.
var restrictions = []struct {
	imported string
	places   []string // these packages and those below them
	tests    []string // and the tests of these
	reason   string
}{
	{"C", []string{"gocore/native", "gocore/task", "pybind"}, nil, "cgo stays where native code is called"},
	{"github.com/valyala/fasthttp", []string{"gocore/engine/fasthttp"}, []string{"gocore/http1"},
		"one engine is built on fasthttp, and the parser is measured against it, nothing else"},
	{"net/http", []string{"gocore/engine/enginetest"}, []string{"gocore", "pybind"},
		"net/http makes the library larger and is only for tests"},
}

// source is one Go file as the tables see it.
type source struct {
	file    string
	imports []string
}

func (s source) folder() string { return path.Dir(s.file) }
func (s source) isTest() bool   { return strings.HasSuffix(s.file, "_test.go") }

const module = "fastgo/"

// violations returns what is wrong with the file's imports.
func (s source) violations() []string {
	var found []string
	allowed, known := layers[s.folder()]
	if !known && !isBelow(s.folder(), "pybind") {
		found = append(found, fmt.Sprintf("%s: package %s has no place among the layers: add it to the table", s.file, s.folder()))
	}
	for _, imported := range s.imports {
		local, isLocal := strings.CutPrefix(imported, module)
		if isLocal && known && !slices.Contains(allowed, local) && !s.mayInTests(local) {
			found = append(found, fmt.Sprintf("%s imports %s: package %s may import of this module: %s",
				s.file, imported, s.folder(), orNothing(allowed)))
		}
		for _, restriction := range restrictions {
			if isBelow(imported, restriction.imported) && !s.isIn(restriction.places) && !(s.isTest() && s.isIn(restriction.tests)) {
				found = append(found, fmt.Sprintf("%s imports %q: only %s may: %s",
					s.file, imported, strings.Join(restriction.places, ", "), restriction.reason))
			}
		}
	}
	return found
}

func (s source) mayInTests(local string) bool {
	return s.isTest() && (local == s.folder() || slices.Contains(testLayers[s.folder()], local))
}

// isIn reports whether the file is in one of the folders or below it.
func (s source) isIn(folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return isBelow(s.folder(), folder) })
}

func isBelow(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// sources reads the imports of all files.
func sources(t *testing.T) []source {
	var all []source
	for _, folder := range []string{"gocore", "pybind"} {
		err := filepath.WalkDir(filepath.Join("..", folder), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" {
				return err
			}
			syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			file, err := filepath.Rel("..", name)
			if err != nil {
				return err
			}
			found := source{file: filepath.ToSlash(file)}
			for _, spec := range syntax.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				found.imports = append(found.imports, imported)
			}
			all = append(all, found)
			return nil
		})
		require.NoError(t, err)
	}
	require.NotEmpty(t, all)
	return all
}

func TestImportsGoOneWay(t *testing.T) {
	for _, source := range sources(t) {
		for _, violation := range source.violations() {
			t.Error(violation)
		}
	}
}

func TestImportRuleFindsViolations(t *testing.T) {
	for _, test := range []struct {
		file, imported string
		allowed        bool
	}{
		{"gocore/request.go", "io", true},
		{"gocore/request.go", "fastgo/gocore/http1", false},
		{"gocore/import_test.go", "fastgo/gocore", true},
		{"gocore/http1/parse.go", "fastgo/gocore", true},
		{"gocore/http1/parse.go", "fastgo/gocore/router", false},
		{"gocore/router/router.go", "fastgo/gocore/http1", true},
		{"gocore/router/router.go", "fastgo/gocore/handler", false},
		{"gocore/router/router_test.go", "fastgo/gocore/handler", false},
		{"gocore/router/router_test.go", "fastgo/gocore/router", true},
		{"gocore/handler/text.go", "fastgo/gocore/server", false},
		{"gocore/engine/engine.go", "fastgo/gocore/engine/fasthttp", false},
		{"gocore/engine/fasthttp/conn.go", "fastgo/gocore/engine", true},
		{"gocore/engine/fasthttp/conn.go", "fastgo/gocore/engine/epoll", false},
		{"gocore/engine/fasthttp/conn.go", "fastgo/gocore/engine/enginetest", false},
		{"gocore/engine/fasthttp/engine_test.go", "fastgo/gocore/engine/enginetest", true},
		{"gocore/engine/enginetest/drain.go", "fastgo/gocore/engine", true},
		{"gocore/engine/enginetest/drain.go", "fastgo/gocore/engine/fasthttp", false},
		{"gocore/server/server.go", "fastgo/gocore/engine/fasthttp", true},
		{"gocore/server/server.go", "fastgo/gocore/engine/enginetest", false},
		{"gocore/server/server.go", "fastgo/pybind/facade", false},
		{"pybind/facade/facade.go", "fastgo/gocore/server", true},
		{"gocore/util/util.go", "io", false},

		{"gocore/native/call.go", "C", true},
		{"gocore/task/select.go", "C", true},
		{"pybind/glue/link.go", "C", true},
		{"gocore/queue/ring.go", "C", false},
		{"gocore/queue/ring_test.go", "C", false},
		{"gocore/engine/fasthttp/body.go", "github.com/valyala/fasthttp", true},
		{"gocore/server/server.go", "github.com/valyala/fasthttp", false},
		{"gocore/handler/proxy_test.go", "github.com/valyala/fasthttp/fasthttputil", false},
		{"gocore/http1/bench_test.go", "github.com/valyala/fasthttp", true},
		{"gocore/http1/parser.go", "github.com/valyala/fasthttp", false},
		{"gocore/handler/proxy.go", "net/http", false},
		{"gocore/handler/proxy.go", "net/http/httputil", false},
		{"gocore/handler/proxy_test.go", "net/http", true},
		{"gocore/engine/enginetest/heads.go", "net/http", true},
	} {
		violations := source{test.file, []string{test.imported}}.violations()
		assert.Equal(t, test.allowed, len(violations) == 0, "%s imports %s: %q", test.file, test.imported, violations)
	}
}
