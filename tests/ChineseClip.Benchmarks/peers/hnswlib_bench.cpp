// Measures hnswlib on the files the benchmark wrote: DIR/{base,picture,text}.fvecs and DIR/{picture,text}.ivecs (true neighbours).
// usage: hnswlib_bench DIR M EF_CONSTRUCTION K REPEATS EF...
// prints: "build CPU_SECONDS BYTES", then "KIND EF RECALL QUERIES_PER_CPU_SECOND DISTANCES_PER_QUERY"
#include <hnswlib/hnswlib.h>
#include <cstdio>
#include <cstdlib>
#include <ctime>
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

static double cpu_seconds() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char** argv) {
    const std::string directory = argv[1];
    const size_t m = atoi(argv[2]), ef_construction = atoi(argv[3]), k = atoi(argv[4]);
    const int repeats = atoi(argv[5]);
    const auto base = read_rows<float>(directory + "/base.fvecs");
    hnswlib::InnerProductSpace space(base[0].size());
    hnswlib::HierarchicalNSW<float> index(&space, base.size(), m, ef_construction, 42);
    const double start = cpu_seconds();
    for (size_t i = 0; i < base.size(); i++) index.addPoint(base[i].data(), i);
    printf("build %.3f %zu\n", cpu_seconds() - start, base.size() * index.size_data_per_element_);
    for (const std::string kind : {"picture", "text"}) {
        const auto queries = read_rows<float>(directory + "/" + kind + ".fvecs");
        const auto truth = read_rows<int>(directory + "/" + kind + ".ivecs");
        for (int a = 6; a < argc; a++) {
            const size_t ef = atoi(argv[a]);
            index.setEf(ef);
            size_t found = 0;
            index.metric_distance_computations = 0;
            double best = 1e30;
            for (int repeat = 0; repeat < repeats; repeat++) {
                std::vector<std::vector<size_t>> answers(queries.size());
                const double begun = cpu_seconds();
                for (size_t q = 0; q < queries.size(); q++) {
                    auto hits = index.searchKnn(queries[q].data(), k);
                    for (; !hits.empty(); hits.pop()) answers[q].push_back(hits.top().second);
                }
                best = std::min(best, cpu_seconds() - begun);
                if (repeat > 0) continue;
                for (size_t q = 0; q < queries.size(); q++) {
                    const std::set<size_t> expected(truth[q].begin(), truth[q].begin() + k);
                    for (size_t id : answers[q]) found += expected.count(id);
                }
            }
            printf("%s %zu %.5f %.1f %.1f\n", kind.c_str(), ef, (double)found / (queries.size() * k), queries.size() / best,
                   (double)index.metric_distance_computations / queries.size() / repeats);
        }
    }
}
