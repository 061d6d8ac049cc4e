package handler

import (
	"bytes"
	"fmt"

	"fastgo/gocore"
)

// CompiledSpec describes an answer with what a compiled function returns: a template as
// TemplateSpec has it, in which {result} is that; or, in the format "bytes", the memory
// of an array as it is.
type CompiledSpec struct {
	// Address is where the function begins, and Name what logs call it.
	Address uint64 `json:"address"`
	Name    string `json:"name"`
	// Blocking: it may compute for long.
	Blocking bool `json:"blocking"`
	// Parameters are those of the function, in its order.
	Parameters []ParameterSpec `json:"parameters"`
	Result     ResultSpec      `json:"result"`

	Template string        `json:"template"`
	Format   string        `json:"format"`
	Status   gocore.Status `json:"status"`
	Headers  Fields        `json:"headers"`
}

// ParameterSpec is a parameter of a compiled function. One of a scalar type has the value
// of the path's parameter of that name, where the path has one, else that of the query;
// "bytes" is the body, "array" lies at an address.
type ParameterSpec struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Default is what a query without a value of that name means, as such a value.
	Default *string `json:"default"`
	Address uint64  `json:"address"`
}

// ResultSpec is the type of what a compiled function returns: a scalar or, with
// dimensions, an array of them.
type ResultSpec struct {
	Type       string `json:"type"`
	Dimensions int    `json:"dimensions"`
}

// Words are what a compiled function is called with: one block of memory, in which
// numbers of 64 bits have these places.
const (
	// WordResult has the result of a scalar type; of an array, WordShape and what
	// follows has the length of each dimension.
	WordResult = 0
	WordShape  = 1
	// WordArguments is the first word of the arguments: a scalar has one, the body two,
	// where it lies and its length, an array one, where it lies. Those between belong to
	// who calls.
	WordArguments = 8

	mostDimensions = 4
	mostParameters = 64
)

// Compiled turns requests to words and words to answers. It is immutable and safe for
// concurrent use; who calls the function is in package native.
type Compiled struct {
	count     int // of words
	bodyWord  int // 0 where it takes none
	arguments []argument
	arrays    []arrayArgument
	returns   returned
	raw       bool // the memory of the array is the answer
	body      parts
	head      *gocore.Head
	refused   *gocore.Head
}

// argument is a scalar of the path, where param is not negative, or else of the query.
type argument struct {
	name       string
	scalar     *scalar
	wanted     string // what the scalar is, for the client
	word       int
	param      int
	byDefault  int64
	isOptional bool
}

// arrayArgument is where an array lies.
type arrayArgument struct {
	word    int
	address int64
}

// returned is the type of a result.
type returned struct {
	scalar     *scalar
	dimensions int
	json       bool // the format that it is written in
}

// sample returns what JSON has for a result.
func (r *returned) sample() sample {
	if r.dimensions == 0 && (r.scalar.kind == signed || r.scalar.kind == unsigned) {
		return aWhole
	}
	return aValue
}

// result is what a call has returned; memory is that of an array.
type result struct {
	*returned
	words  []int64
	memory []byte
}

// NewCompiled returns what turns requests of a route with these parameters to calls.
func NewCompiled(spec CompiledSpec, params []gocore.Param) (*Compiled, error) {
	c := &Compiled{count: WordArguments, raw: spec.Format == "bytes"}
	if err := c.setResult(spec.Result); err != nil {
		return nil, err
	}
	if len(spec.Parameters) > mostParameters {
		return nil, fieldError("parameters", fmt.Sprintf("are %d; write at most %d", len(spec.Parameters), mostParameters))
	}
	for i, parameter := range spec.Parameters {
		if err := c.add(parameter, fmt.Sprintf("parameters[%d].", i), params); err != nil {
			return nil, err
		}
	}
	return c, c.setAnswer(spec, params)
}

func (c *Compiled) setResult(spec ResultSpec) error {
	scalar, known := scalars[spec.Type]
	if !known {
		return fieldError("result.type", fmt.Sprintf("%q is not known; choose one of %s", spec.Type, scalarNames))
	}
	if spec.Dimensions < 0 || spec.Dimensions > mostDimensions {
		return fieldError("result.dimensions", fmt.Sprintf("is %d; write 0 to %d", spec.Dimensions, mostDimensions))
	}
	if c.raw && spec.Dimensions == 0 {
		return fieldError("format", `"bytes" is for arrays, and the result is a number; choose "text", "html" or "json"`)
	}
	c.returns.scalar, c.returns.dimensions = scalar, spec.Dimensions
	return nil
}

// add gives a parameter its words.
func (c *Compiled) add(spec ParameterSpec, place string, params []gocore.Param) error {
	if spec.Name == "" {
		return fieldError(place+"name", "is empty; write the name that requests have it by")
	}
	if spec.Default != nil && scalars[spec.Type] == nil {
		return fieldError(place+"default", fmt.Sprintf("is for scalars, and %s is %q; remove it", spec.Name, spec.Type))
	}
	switch spec.Type {
	case "bytes":
		if c.bodyWord != 0 {
			return fieldError(place+"type", `is "bytes" a second time; a request has one body`)
		}
		c.bodyWord = c.count
		c.count += 2
		return nil
	case "array":
		c.arrays = append(c.arrays, arrayArgument{c.count, int64(spec.Address)})
		c.count++
		return nil
	}
	scalar, known := scalars[spec.Type]
	if !known {
		return fieldError(place+"type", fmt.Sprintf("%q is not known; choose one of %s, bytes, array", spec.Type, scalarNames))
	}
	argument := argument{name: spec.Name, scalar: scalar, wanted: scalar.describe(), word: c.count, param: -1}
	for i, param := range params {
		if param.Name == spec.Name {
			argument.param = i
		}
	}
	if spec.Default != nil {
		if argument.byDefault, argument.isOptional = scalar.parse([]byte(*spec.Default)); !argument.isOptional {
			return fieldError(place+"default", fmt.Sprintf("%q is not %s", *spec.Default, scalar.describe()))
		}
	}
	c.arguments = append(c.arguments, argument)
	c.count++
	return nil
}

// setAnswer compiles what is made of results.
func (c *Compiled) setAnswer(spec CompiledSpec, params []gocore.Param) error {
	format, known := formats[spec.Format]
	if c.raw {
		format, known = bytesFormat, true
	}
	if !known {
		return fieldError("format", fmt.Sprintf(`%q is not known; choose "text", "html", "json" or "bytes"`, spec.Format))
	}
	header, err := format.header(spec.Headers)
	if err != nil {
		return err
	}
	c.returns.json = format.json
	if !c.raw {
		if c.body, err = format.compile(spec.Template, params, &c.returns); err != nil {
			return err
		}
	} else if spec.Template != "" {
		return fieldError("template", `is of no use in the format "bytes"; remove it`)
	}
	if spec.Status == 0 {
		spec.Status = gocore.StatusOK
	}
	if c.head, err = gocore.RenderHead(spec.Status, header); err != nil {
		return fieldError("status", err.Error())
	}
	var text gocore.Header
	if err = text.Add(contentTypeName, PlainText); err != nil {
		return err
	}
	c.refused, err = gocore.RenderHead(gocore.StatusBadRequest, text)
	return err
}

// bytesFormat lets a Content-Type of HTML pass: nothing is put into a text.
var bytesFormat = format{"application/octet-stream", asHTML, false}

// Words tells how many words there are, and which has the body's address, 0 for none.
func (c *Compiled) Words() (count, body int) { return c.count, c.bodyWord }

// Decode fills in the words of the arguments, but the body's. Where a value is missing
// or wrong, it makes the answer and returns false.
func (c *Compiled) Decode(request *gocore.Request, words []int64, response *gocore.Response) bool {
	for _, array := range c.arrays {
		words[array.word] = array.address
	}
	for i := range c.arguments {
		argument := &c.arguments[i]
		var text []byte
		if argument.param >= 0 {
			text = request.Params.Value(argument.param)
		} else if text = queryValue(request.Query, argument.name); text == nil && argument.isOptional {
			words[argument.word] = argument.byDefault
			continue
		} else if isEncoded(text) {
			text = appendQueryValue(response.Scratch[:0], request.Query, argument.name, asText)
			response.Scratch = text
		}
		word, ok := argument.scalar.parse(text)
		if !ok {
			c.refuse(argument, text, response)
			return false
		}
		words[argument.word] = word
	}
	return true
}

// longestShown is how much of a wrong value its answer has.
const longestShown = 40

// refuse answers 400 and says which value is wrong, and why; nil is none.
func (c *Compiled) refuse(argument *argument, value []byte, response *gocore.Response) {
	var shown [longestShown]byte // the value may lie in Scratch
	size, rest := copy(shown[:], value), ""
	if len(value) > size {
		rest = "..."
	}
	body := append(response.Scratch[:0], argument.name...)
	if value == nil {
		body = append(body, " is missing from the query; it is "...)
	} else {
		body = append(body, `: "`...)
		for _, c := range shown[:size] {
			if c < ' ' || c > '~' || c == '"' {
				c = '?'
			}
			body = append(body, c)
		}
		body = append(append(append(body, '"'), rest...), " is not "...)
	}
	body = append(append(body, argument.wanted...), '\n')
	response.Scratch = body
	response.SetHead(c.refused)
	response.SetBytes(body)
}

// Length returns the size in bytes of the array that a call has returned, 0 where it
// returned a scalar.
func (c *Compiled) Length(words []int64) int {
	if c.returns.dimensions == 0 {
		return 0
	}
	size := c.returns.scalar.bytes()
	for _, length := range words[WordShape : WordShape+c.returns.dimensions] {
		size *= int(length)
	}
	return size
}

// Arguments returns what a call was made with, for the log.
func (c *Compiled) Arguments(words []int64) string {
	var text []byte
	for i := range c.arguments {
		argument := &c.arguments[i]
		text = append(append(text, argument.name...), '=')
		text = append(argument.scalar.append(text, words[argument.word], false), ' ')
	}
	if c.bodyWord != 0 {
		text = fmt.Appendf(text, "body=(%d bytes)", words[c.bodyWord+1])
	}
	return string(bytes.TrimSuffix(text, []byte{' '}))
}

// Encode makes the answer of what a call has returned. Memory is that of an array. Where
// it is lent to the response the result is true.
func (c *Compiled) Encode(request *gocore.Request, words []int64, memory []byte, response *gocore.Response) (lent bool) {
	response.SetHead(c.head)
	if c.raw {
		response.SetBytes(memory)
		return true
	}
	returned := result{&c.returns, words, memory}
	body := c.body.append(response.Scratch[:0], request, &returned)
	response.Scratch = body
	response.SetBytes(body)
	return false
}

// append writes the result.
func (r *result) append(dst []byte) []byte {
	if r.dimensions == 0 {
		return r.scalar.append(dst, r.words[WordResult], r.json)
	}
	dst, _ = r.appendArray(dst, r.words[WordShape:WordShape+r.dimensions], 0)
	return dst
}

// appendArray writes elements from the i-th on, as many as have this shape, in one list
// for each dimension, and returns how far it came.
func (r *result) appendArray(dst []byte, shape []int64, i int) ([]byte, int) {
	dst = append(dst, '[')
	for n := range shape[0] {
		if n > 0 {
			dst = append(dst, ',')
		}
		if len(shape) > 1 {
			dst, i = r.appendArray(dst, shape[1:], i)
		} else {
			dst = r.scalar.append(dst, r.scalar.load(r.memory, i), r.json)
			i++
		}
	}
	return append(dst, ']'), i
}
