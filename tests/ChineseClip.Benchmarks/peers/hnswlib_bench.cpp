// hnswlib, by the protocol of PeerEngine.cs.
#include <hnswlib/hnswlib.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>
#include <string>
#include <vector>

template <class T> static std::vector<std::vector<T>> read_rows(const std::string& path) {
    std::vector<std::vector<T>> rows;
    FILE* file = fopen(path.c_str(), "rb");
    if (!file) { fprintf(stderr, "cannot open %s\n", path.c_str()); exit(1); }
    int32_t length;
    while (fread(&length, 4, 1, file) == 1) {
        rows.emplace_back(length);
        if (fread(rows.back().data(), sizeof(T), length, file) != (size_t)length) { fprintf(stderr, "%s is cut short\n", path.c_str()); exit(1); }
    }
    fclose(file);
    return rows;
}

static double seconds(clockid_t clock) {
    timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

struct Queries {
    std::vector<std::vector<float>> vectors;
    std::vector<std::vector<int>> truth;
};

int main(int, char** argv) {
    const std::string directory = argv[1];
    const size_t m = atoi(argv[2]), ef_construction = atoi(argv[3]), k = atoi(argv[4]);
    auto base = read_rows<float>(directory + "/base.fvecs");
    std::map<std::string, Queries> kinds;
    for (const std::string kind : {"picture", "text"})
        kinds[kind] = {read_rows<float>(directory + "/" + kind + ".fvecs"), read_rows<int>(directory + "/" + kind + ".ivecs")};
    const size_t count = base.size();
    hnswlib::InnerProductSpace space(base[0].size());
    hnswlib::HierarchicalNSW<float> index(&space, count, m, ef_construction, 42);
    double cpu = seconds(CLOCK_THREAD_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    for (size_t i = 0; i < count; i++) index.addPoint(base[i].data(), i);
    cpu = seconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
    wall = seconds(CLOCK_MONOTONIC) - wall;
    base = {};
    printf("built %.3f %.3f %zu\n", cpu, wall, count * index.size_data_per_element_);
    fflush(stdout);
    char kind[16];
    size_t ef;
    while (scanf("%15s %zu", kind, &ef) == 2) {
        const Queries& queries = kinds.at(kind);
        index.setEf(ef);
        std::vector<std::vector<size_t>> answers(queries.vectors.size());
        cpu = seconds(CLOCK_THREAD_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
        for (size_t q = 0; q < answers.size(); q++) {
            auto hits = index.searchKnn(queries.vectors[q].data(), k);
            for (; !hits.empty(); hits.pop()) answers[q].push_back(hits.top().second);
        }
        cpu = seconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
        wall = seconds(CLOCK_MONOTONIC) - wall;
        size_t found = 0;
        for (size_t q = 0; q < answers.size(); q++) {
            const std::set<size_t> expected(queries.truth[q].begin(), queries.truth[q].begin() + k);
            for (size_t id : answers[q]) found += expected.count(id);
        }
        printf("%.6f %.6f %.6f\n", cpu, wall, (double)found / (answers.size() * k));
        fflush(stdout);
    }
}
