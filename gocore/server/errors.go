package server

import (
	"errors"
	"fmt"
	"syscall"
)

// Code classes an Error by what its receiver can do about it.
type Code string

// The codes.
const (
	// CodeConfig: the document or an option is wrong.
	CodeConfig Code = "config"
	// CodeBind: the address cannot be listened on.
	CodeBind Code = "bind"
	// CodeState: the server is not in a state for this call.
	CodeState Code = "state"
	// CodeInternal: a bug of the server.
	CodeInternal Code = "internal"
)

// Error is what every method of Server fails with.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	// Errno is the system's error number of a CodeBind, 0 where it has none.
	Errno int `json:"errno,omitempty"`
	// Address is the address of a CodeBind.
	Address string `json:"address,omitempty"`
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

func configError(place, format string, args ...any) *Error {
	return &Error{Code: CodeConfig, Message: place + ": " + fmt.Sprintf(format, args...)}
}

func stateError(message string) *Error {
	return &Error{Code: CodeState, Message: message}
}

// bindError names the address, the reason and a way out.
func bindError(address string, err error) *Error {
	failure := &Error{Code: CodeBind, Address: address}
	reason, hint := err.Error(), ""
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		failure.Errno, reason = int(errno), errno.Error()
		switch errno {
		case syscall.EADDRINUSE:
			hint = "; stop the program that listens there or choose another address"
		case syscall.EACCES:
			hint = "; choose a port above 1023 or a place you may write to"
		case syscall.EADDRNOTAVAIL:
			hint = "; the address is not one of this machine's"
		}
	}
	failure.Message = fmt.Sprintf("cannot listen on %s: %s%s", address, reason, hint)
	return failure
}
