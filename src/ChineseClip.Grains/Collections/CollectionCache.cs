using System.Collections.Concurrent;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Gateway;

namespace ChineseClip.Grains.Collections;

/// <summary>
/// The definitions a silo's gateways use, by name and by alias, asked for again after a second. A shard refuses what was meant for an
/// older incarnation, so a definition out of date costs one more call and never a wrong answer; and who moves an alias waits for
/// <see cref="Lifetime"/> before it says so. When the answer takes its time, because the silo that knows has just died, the old one
/// serves meanwhile.
/// </summary>
internal sealed class CollectionCache(IGrainFactory grains, TimeProvider time)
{
    /// <summary>How long a definition is used after it was asked for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    /// <summary>How long a caller who has an old definition waits for a new one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LongestLookUp = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, (CollectionDefinition Definition, long Timestamp)> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<CollectionDefinition>>> _lookUps = new(StringComparer.Ordinal);

    /// <summary>Runs <paramref name="use"/> with the definition; once more with a fresh one when it was out of date.</summary>
    public Task<T> UseAsync<T>(string name, Func<CollectionDefinition, Task<T>> use, Deadline deadline) => UseAsync(
        () => deadline.RunAsync(token => GetAsync(name, token), $"Looking up the collection \"{name}\""), name, use);

    /// <summary>Runs <paramref name="use"/> with the definition; once more with a fresh one when it was out of date.</summary>
    public Task<T> UseAsync<T>(string name, Func<CollectionDefinition, Task<T>> use, CancellationToken cancellationToken) =>
        UseAsync(() => GetAsync(name, cancellationToken), name, use);

    private async Task<T> UseAsync<T>(
        Func<Task<CollectionDefinition>> find, string name, Func<CollectionDefinition, Task<T>> use)
    {
        CollectionDefinition definition = await find();
        try
        {
            return await use(definition);
        }
        catch (ClusterException exception) when (exception.Code is ErrorCode.Conflict or ErrorCode.NotFound)
        {
            _known.TryRemove(name, out _);
            CollectionDefinition fresh = await find();
            if (fresh.Incarnation == definition.Incarnation && exception.Code == ErrorCode.NotFound)
            {
                throw;    // it was about an item
            }

            return await use(fresh);
        }
    }

    private async Task<CollectionDefinition> GetAsync(string name, CancellationToken cancellationToken)
    {
        bool isKnown = _known.TryGetValue(name, out (CollectionDefinition Definition, long Timestamp) known);
        if (isKnown && time.GetElapsedTime(known.Timestamp) < Lifetime)
        {
            return known.Definition;
        }

        // One question at a time for all who ask; it outlives the one who asked first.
        Task<CollectionDefinition> lookUp = _lookUps
            .GetOrAdd(name, missing => new Lazy<Task<CollectionDefinition>>(() => Task.Run(() => LookUpAsync(missing)))).Value;
        try
        {
            return isKnown
                ? await lookUp.WaitAsync(Patience, time, cancellationToken)
                : await lookUp.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (isKnown && IsNoAnswer(exception))
        {
            return known.Definition;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException(
                ErrorCode.ShardUnavailable, $"No silo said within {LongestLookUp} what the collection \"{name}\" is.");
        }
    }

    private static bool IsNoAnswer(Exception exception) =>
        exception is TimeoutException or OrleansException or ClusterException { IsTransient: true };

    private async Task<CollectionDefinition> LookUpAsync(string name)
    {
        using CancellationTokenSource limit = new(LongestLookUp, time);
        try
        {
            long asked = time.GetTimestamp();    // not when it was answered: it may have changed since it was read
            CollectionDefinition definition = await grains.Collections().FindAsync(name, limit.Token).WaitAsync(limit.Token)
                ?? throw new ClusterException(ErrorCode.NotFound, $"The collection \"{name}\" does not exist.");
            _known[name] = (definition, asked);
            return definition;
        }
        finally
        {
            _lookUps.TryRemove(name, out _);
        }
    }
}
