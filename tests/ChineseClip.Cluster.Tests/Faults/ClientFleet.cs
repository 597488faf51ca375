using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using ChineseClip.Contracts;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>Writers and searchers who go on whatever happens: a write is repeated with its operation id until it is acknowledged.</summary>
internal sealed class ClientFleet : IAsyncDisposable
{
    public const string Collection = "faults";
    public const int Dimension = 16;
    private const int LiveIds = 150;
    private const int ShortestPauseMilliseconds = 20;
    private const int LongestPauseMilliseconds = 300;
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LongestOperation = TimeSpan.FromMinutes(5);

    private readonly FaultClient _client;
    private readonly int _seed;
    private readonly ConcurrentDictionary<string, int> _codes = new();
    private CancellationTokenSource _stop = new();
    private Task[] _running = [];
    private readonly Writer[] _writers;
    private int _round;
    private int _retries;
    private int _mostAttempts;
    private int _searches;
    private int _answered;

    public ClientFleet(SilosUnderTest silos, int seed)
        : this(silos.Pick, seed)
    {
    }

    /// <summary>Clients that ask where they are told.</summary>
    public ClientFleet(Func<Random, Uri?> pick, int seed, int writers = 4)
    {
        _client = new FaultClient(pick);
        _seed = seed;
        _writers = [.. Enumerable.Range(0, writers).Select(number => new Writer($"w{number}", new Random(seed + number)))];
    }

    public WriteModel Model { get; } = new();

    public TimeSpan SearchTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public int Retries => _retries;

    /// <summary>How often one operation had to be sent, at most.</summary>
    public int MostAttempts => _mostAttempts;

    public int Searches => _searches;

    public int Answered => _answered;

    /// <summary>Codes of attempts that were not answered with what was asked.</summary>
    public string Codes => string.Join(' ', _codes.OrderBy(code => code.Key).Select(code => $"{code.Key}:{code.Value}"));

    public async Task CreateAsync(int shards, int replicas = 1)
    {
        var request = new CreateCollectionRequest { Dimension = Dimension, Shards = shards, Replicas = replicas };
        await RepeatAsync(
            new Random(_seed),
            HttpMethod.Put,
            $"v1/collections/{Collection}",
            request,
            null,
            ContractsJson.Default.CollectionDescription,
            isDone: code => code == ErrorCodes.Conflict);    // an attempt whose answer was lost has made it
    }

    public void Start(int searchers = 2)
    {
        _stop = new CancellationTokenSource();
        var round = _round++;
        _running =
        [
            .. _writers.Select(writer => Task.Run(() => WriteAsync(writer, _stop.Token))),
            .. Enumerable.Range(0, searchers).Select(number => Task.Run(
                () => SearchAsync(new Random(HashCode.Combine(_seed, round, number)), _stop.Token))),
        ];
    }

    /// <summary>Lets every operation that has begun be acknowledged, and ends.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _running = [];
    }

    /// <summary>Compares what is stored with what was acknowledged; the fleet must have stopped.</summary>
    public async Task<Verdict> CheckAsync()
    {
        var random = new Random(_seed);
        List<(string, string)> stored = [];
        string? cursor = null;
        do
        {
            var page = await RepeatAsync(
                random,
                HttpMethod.Post,
                $"v1/collections/{Collection}/scroll",
                new ScrollRequest { Cursor = cursor, Limit = 500 },
                null,
                ContractsJson.Default.ScrollResponse);
            stored.AddRange(page.Items.Select(item => (item.Id, item.Payload!.Value.GetProperty("v").GetString()!)));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        var count = await RepeatAsync(
            random, HttpMethod.Post, $"v1/collections/{Collection}/count", new CountRequest(), null, ContractsJson.Default.CountResponse);
        return Model.Check(stored, count.Count);
    }

    /// <summary>One write of its own; null when it was acknowledged, else the code.</summary>
    public async Task<string?> TryPutAsync(string id, TimeSpan timeout)
    {
        var random = new Random(HashCode.Combine(_seed, id));
        Model.Begin(id, "single");
        var (answer, code) = await _client.SendAsync(
            random,
            HttpMethod.Put,
            $"v1/collections/{Collection}/items",
            new PutItemsRequest
            {
                Items =
                [
                    new PutItem
                    {
                        Id = id,
                        Vector = Vector(random),
                        Payload = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["v"] = "single" }),
                    },
                ],
            },
            NewOperation(random),
            timeout,
            ContractsJson.Default.PutItemsResponse);
        code ??= answer!.Results[0].Error?.Code;
        if (code is null)
        {
            Model.Acknowledge(id, "single");
        }

        return code;
    }

    /// <summary>One search of its own.</summary>
    public Task<(SearchResponse? Answer, string? Code)> TrySearchAsync(int timeoutMilliseconds, bool allowPartial = false)
    {
        var random = new Random(_seed);
        var request = new SearchRequest
        {
            Vector = Vector(random),
            K = 5,
            TimeoutMilliseconds = timeoutMilliseconds,
            AllowPartial = allowPartial,
        };
        return _client.SendAsync(
            random,
            HttpMethod.Post,
            $"v1/collections/{Collection}/search",
            request,
            null,
            TimeSpan.FromMilliseconds(timeoutMilliseconds + 2000),
            ContractsJson.Default.SearchResponse);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    public static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];

    private async Task WriteAsync(Writer writer, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var random = writer.Random;
            if (writer.Live.Count > LiveIds || (writer.Live.Count > 10 && random.Next(4) == 0))
            {
                var id = writer.Live[random.Next(writer.Live.Count)];
                Model.Begin(id, null);
                await RepeatAsync(
                    random,
                    HttpMethod.Delete,
                    $"v1/collections/{Collection}/items/{id}",
                    null,
                    NewOperation(random),
                    ContractsJson.Default.DeleteItemsResponse);
                Model.Acknowledge(id, null);
                writer.Live.Remove(id);
                writer.Gone.Add(id);
            }
            else
            {
                await PutAsync(writer, random);
            }
        }
    }

    // One item or several, new ones, replaced ones and ones that had been deleted.
    private async Task PutAsync(Writer writer, Random random)
    {
        var ids = Enumerable.Range(0, random.Next(3) == 0 ? 6 : 1).Select(_ => writer.NextId()).Distinct().ToArray();
        var value = $"{writer.Name}-{writer.Sequence++}";
        foreach (var id in ids)
        {
            Model.Begin(id, value);
        }

        var request = new PutItemsRequest
        {
            Items =
            [
                .. ids.Select(id => new PutItem
                {
                    Id = id,
                    Vector = Vector(random),
                    Payload = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["v"] = value }),
                }),
            ],
        };
        await RepeatAsync(
            random,
            HttpMethod.Put,
            $"v1/collections/{Collection}/items",
            request,
            NewOperation(random),
            ContractsJson.Default.PutItemsResponse,
            answer => answer.Results.FirstOrDefault(result => result.Error is not null)?.Error?.Code);
        foreach (var id in ids)
        {
            Model.Acknowledge(id, value);
        }
    }

    private async Task SearchAsync(Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            var request = new SearchRequest
            {
                Vector = Vector(random),
                K = 5,
                TimeoutMilliseconds = (int)SearchTimeout.TotalMilliseconds,
            };
            var (answer, code) = await _client.SendAsync(
                random,
                HttpMethod.Post,
                $"v1/collections/{Collection}/search",
                request,
                null,
                SearchTimeout + TimeSpan.FromSeconds(1),
                ContractsJson.Default.SearchResponse);
            Interlocked.Increment(ref _searches);
            if (answer is null)
            {
                _codes.AddOrUpdate("search " + code, 1, (_, count) => count + 1);
                await Task.Delay(code == FaultClient.NoAnswer ? LongestPauseMilliseconds : ShortestPauseMilliseconds, CancellationToken.None);
                continue;
            }

            Interlocked.Increment(ref _answered);
            foreach (var hit in answer.Hits)
            {
                Model.Saw(hit.Id, began);
            }
        }
    }

    /// <summary>Repeats one operation, with its id, until it is acknowledged: then its effect is known.</summary>
    private async Task<T> RepeatAsync<T>(
        Random random,
        HttpMethod method,
        string path,
        object? body,
        Guid? operation,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        Func<T, string?>? fault = null,
        Func<string, bool>? isDone = null)
        where T : class
    {
        var deadline = Stopwatch.StartNew();
        for (var attempt = 1; ; attempt++)
        {
            InterlockedMax(ref _mostAttempts, attempt);
            var (answer, code) = await _client.SendAsync(random, method, path, body, operation, AttemptTimeout, type);
            code ??= fault?.Invoke(answer!);
            if (code is null || isDone?.Invoke(code) == true)
            {
                return answer!;
            }

            _codes.AddOrUpdate($"{method} {code}", 1, (_, count) => count + 1);
            Interlocked.Increment(ref _retries);
            if (deadline.Elapsed > LongestOperation)
            {
                throw new TimeoutException($"{method} {path} was not acknowledged within {deadline.Elapsed}; the last code was {code}. {Codes}");
            }

            // Whoever spins while no server answers takes the processor from the one that starts.
            await Task.Delay(code == FaultClient.NoAnswer ? LongestPauseMilliseconds : ShortestPauseMilliseconds + random.Next(130));
        }
    }

    private static void InterlockedMax(ref int location, int value)
    {
        for (var seen = Volatile.Read(ref location); seen < value; seen = Volatile.Read(ref location))
        {
            Interlocked.CompareExchange(ref location, value, seen);
        }
    }

    private static Guid NewOperation(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private sealed class Writer(string name, Random random)
    {
        private int _next;

        public string Name => name;

        public Random Random => random;

        public List<string> Live { get; } = [];

        public List<string> Gone { get; } = [];

        public int Sequence { get; set; }

        public string NextId()
        {
            var choice = random.Next(10);
            if (choice < 3 && Live.Count > 0)
            {
                return Live[random.Next(Live.Count)];
            }

            string id;
            if (choice == 3 && Gone.Count > 0)
            {
                var index = random.Next(Gone.Count);
                id = Gone[index];
                Gone.RemoveAt(index);
            }
            else
            {
                id = $"{name}-{_next++:D5}";
            }

            Live.Add(id);
            return id;
        }
    }
}
