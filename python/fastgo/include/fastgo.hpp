/*
 * fastgo.hpp: handlers in C++, over fastgo.h, whose rules and lifetimes hold here too.
 *
 *     namespace app {
 *     int hello(const fastgo::Request &request, fastgo::Response &response)
 *     {
 *         response.write("Hello, ");
 *         response.write(request.param("name"));
 *         return 200;
 *     }
 *     }
 *     FASTGO_EXPORT(hello, app::hello)
 *
 * What fails here throws fastgo::Status, with the status that fastgo.h tells; a handler may
 * throw it too. Any other exception is a 500, and its what() goes to the log. No exception
 * leaves fastgo::handler<app::hello>, which is what FASTGO_EXPORT exports.
 *
 * C++17, header only. Without exceptions it costs nothing over C.
 */
#ifndef FASTGO_HPP
#define FASTGO_HPP

#include "fastgo.h"

#include <exception>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

namespace fastgo {

/* Thrown, it ends the handler with this status. */
struct Status {
    int code;
};

inline void check(int status)
{
    if (status != 0) {
        throw Status{status};
    }
}

inline std::string_view view(fastgo_string text) noexcept { return {text.data, text.size}; }

/* Memory by fastgo_alloc; std::bad_alloc beyond the limit. */
inline void *alloc(const fastgo_request *request, std::size_t size)
{
    if (void *memory = fastgo_alloc(request, size)) {
        return memory;
    }
    throw std::bad_alloc();
}

/* A new T in that memory. It is never destroyed, so it must own no other. */
template <class T, class... Arguments>
T *make(const fastgo_request *request, Arguments &&...arguments)
{
    static_assert(alignof(T) <= 16, "fastgo_alloc aligns to 16 bytes");
    return ::new (alloc(request, sizeof(T))) T(std::forward<Arguments>(arguments)...);
}

/* A request. All views are valid until the handler returns. */
class Request {
  public:
    Request(const fastgo_request *request, fastgo_response *response, void *data) noexcept
        : request_(request), response_(response), data_(data) {}

    operator const fastgo_request *() const noexcept { return request_; }

    std::string_view method() const noexcept { return view(request_->method); }
    std::string_view path() const noexcept { return view(request_->path); }
    std::string_view query() const noexcept { return view(request_->query); }
    std::string_view header() const noexcept { return view(request_->header); }
    std::string_view body() const noexcept { return view(request_->body); }

    /* The field's data() is NULL where the request does not have it. */
    std::string_view header(const char *name) const noexcept
    {
        return view(fastgo_header(request_, name));
    }

    /* T is std::string_view, std::int64_t or double. */
    template <class T = std::string_view> T param(const char *name) const
    {
        return read(fastgo_param, fastgo_param_int64, fastgo_param_double, name, T());
    }
    template <class T = std::string_view> T param_at(std::size_t index) const
    {
        return read(fastgo_param_at, fastgo_param_int64_at, fastgo_param_double_at, index, T());
    }
    template <class T = std::string_view> T query(const char *name, T otherwise = T()) const
    {
        return read(fastgo_query, fastgo_query_int64, fastgo_query_double, name, otherwise);
    }

    /* What the handler was registered with. */
    template <class T> T *data() const noexcept { return static_cast<T *>(data_); }

  private:
    template <class Text, class Int, class Double, class Key, class T>
    T read(Text text, Int whole, Double real, Key key, T value) const
    {
        if constexpr (std::is_same_v<T, std::int64_t>) {
            check(whole(request_, response_, key, &value));
        } else if constexpr (std::is_same_v<T, double>) {
            check(real(request_, response_, key, &value));
        } else {
            static_assert(std::is_same_v<T, std::string_view>,
                          "choose std::string_view, std::int64_t or double");
            fastgo_string found{value.data(), value.size()};
            check(text(request_, response_, key, &found));
            value = view(found);
        }
        return value;
    }

    const fastgo_request *request_;
    fastgo_response *response_;
    void *data_;
};

/* A response. As a request, it can be given to all functions of fastgo.h: to fastgo_printf. */
class Response {
  public:
    explicit Response(fastgo_response *response) noexcept : response_(response) {}

    operator fastgo_response *() const noexcept { return response_; }

    void content_type(const char *value) { check(fastgo_content_type(*this, value)); }
    void add_header(const char *name, const char *value)
    {
        check(fastgo_add_header(*this, name, value));
    }
    void write(std::string_view text) { check(fastgo_write(*this, text.data(), text.size())); }
    void write_static(std::string_view text)
    {
        check(fastgo_write_static(*this, text.data(), text.size()));
    }

  private:
    fastgo_response *response_;
};

/* Gives a container the memory of a request: std::vector<T, Allocator<T>> list(request). */
template <class T> struct Allocator {
    using value_type = T;
    static_assert(alignof(T) <= 16, "fastgo_alloc aligns to 16 bytes");

    Allocator(const fastgo_request *from) noexcept : request(from) {}
    Allocator(const Request &from) noexcept : request(from) {}
    template <class U> Allocator(const Allocator<U> &other) noexcept : request(other.request) {}

    T *allocate(std::size_t count)
    {
        if (count > SIZE_MAX / sizeof(T)) {
            throw std::bad_alloc();
        }
        return static_cast<T *>(alloc(request, count * sizeof(T)));
    }
    void deallocate(T *, std::size_t) noexcept {}

    bool operator==(const Allocator &other) const noexcept { return request == other.request; }
    bool operator!=(const Allocator &other) const noexcept { return request != other.request; }

    const fastgo_request *request;
};

/* The fastgo_handler of a function of the form above, or of that of C. */
template <auto function>
int handler(const fastgo_request *request, fastgo_response *response, void *data) noexcept
{
    try {
        if constexpr (std::is_invocable_v<decltype(function), const Request &, Response &>) {
            Response answer(response);
            return function(Request(request, response, data), answer);
        } else {
            return function(request, response, data);
        }
    } catch (const Status &status) {
        return status.code;
    } catch (const std::exception &error) {
        return fastgo_fail(response, error.what());
    } catch (...) {
        return fastgo_fail(response, "the handler threw what is no std::exception");
    }
}

} // namespace fastgo

/* Exports the handler of a function from a shared library, under a name of C's. */
#define FASTGO_EXPORT(name, function)                                                             \
    extern "C" __attribute__((visibility("default"))) int name(                                   \
        const fastgo_request *request, fastgo_response *response, void *data)                     \
    {                                                                                             \
        return fastgo::handler<function>(request, response, data);                                \
    }

#endif
