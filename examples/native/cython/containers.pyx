# distutils: language = c++
"""The containers of C++: the word that a text has most often."""

from libcpp.string cimport string
from libcpp.unordered_map cimport unordered_map
from libcpp.utility cimport pair

from fastgo cimport export, fastgo_request, fastgo_response, fastgo_printf


cdef int most_frequent(
    const fastgo_request *request, fastgo_response *response, void *data
) noexcept nogil:
    cdef unordered_map[string, int] counts
    cdef pair[string, int] entry, most
    cdef string word
    cdef char byte
    cdef size_t i
    for i in range(request.body.size):
        byte = request.body.data[i]
        if byte in b" \t\n\v\f\r":
            if not word.empty():
                counts[word] += 1
                word.clear()
        else:
            word.push_back(byte)
    if not word.empty():
        counts[word] += 1
    for entry in counts:
        # Of several, the first in the alphabet.
        if entry.second > most.second or entry.second == most.second and entry.first < most.first:
            most = entry
    fastgo_printf(response, "%s: %d\n", most.first.c_str(), most.second)
    return 200


most_frequent_handler = export(most_frequent)
