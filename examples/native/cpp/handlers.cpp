// Handlers in C++.
#include <fastgo.hpp>

#include <algorithm>
#include <cinttypes>
#include <stdexcept>
#include <unordered_set>

FASTGO_DECLARE_LAYOUT;

namespace app {

// A handler must not run for long: this takes less than a millisecond.
constexpr std::int64_t MOST = 1'000'000;

int fibonacci(const fastgo::Request &request, fastgo::Response &response)
{
    const auto n = request.param<std::int64_t>("n");
    if (n < 0 || n > MOST) {
        fastgo_printf(response, "n must be 0 to %" PRId64 "\n", MOST);
        return 400;
    }
    std::uint32_t a = 0, b = 1;
    for (std::int64_t i = 0; i < n / 2; i++) { // by twos, which needs no copies
        a += b;
        b += a;
    }
    fastgo_printf(response, "Fibonacci(%" PRId64 ") = %" PRIu32 " (with overflow)\n", n,
                  n % 2 ? b : a);
    return 200;
}

template <class Use> void each_word(std::string_view text, Use use)
{
    constexpr std::string_view space = " \t\n\v\f\r";
    for (auto from = text.find_first_not_of(space); from != text.npos;
         from = text.find_first_not_of(space, from)) {
        const auto to = std::min(text.find_first_of(space, from), text.size());
        use(text.substr(from, to - from));
        from = to;
    }
}

int words(const fastgo::Request &request, fastgo::Response &response)
{
    std::size_t count = 0;
    each_word(request.body(), [&](std::string_view) { count++; });
    fastgo_printf(response, "%zu\n", count);
    return 200;
}

// A container in the request's memory; and an exception, which is a 500 in the log.
int distinct(const fastgo::Request &request, fastgo::Response &response)
{
    if (request.body().empty()) {
        throw std::invalid_argument("a text without words");
    }
    std::unordered_set<std::string_view, std::hash<std::string_view>, std::equal_to<>,
                       fastgo::Allocator<std::string_view>>
        seen(request);
    each_word(request.body(), [&](std::string_view word) { seen.insert(word); });
    fastgo_printf(response, "%zu\n", seen.size());
    return 200;
}

} // namespace app

FASTGO_EXPORT(fibonacci, app::fibonacci)
FASTGO_EXPORT(words, app::words)
FASTGO_EXPORT(distinct, app::distinct)
