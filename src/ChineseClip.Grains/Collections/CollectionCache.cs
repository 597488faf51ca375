using System.Collections.Concurrent;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Collections;

/// <summary>
/// The definitions a silo's gateways use, by name and by alias, asked for again after a second. A shard refuses what was meant for an
/// older incarnation, so a definition out of date costs one more call and never a wrong answer; and who moves an alias waits for
/// <see cref="Lifetime"/> before it says so.
/// </summary>
internal sealed class CollectionCache(IGrainFactory grains, TimeProvider time)
{
    /// <summary>How long a definition is used after it was asked for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (CollectionDefinition Definition, long Timestamp)> _known = new(StringComparer.Ordinal);

    /// <summary>Runs <paramref name="use"/> with the definition; once more with a fresh one when it was out of date.</summary>
    public async Task<T> UseAsync<T>(
        string name, Func<CollectionDefinition, Task<T>> use, CancellationToken cancellationToken)
    {
        CollectionDefinition definition = await GetAsync(name, cancellationToken);
        try
        {
            return await use(definition);
        }
        catch (ClusterException exception) when (exception.Code is ErrorCode.Conflict or ErrorCode.NotFound)
        {
            _known.TryRemove(name, out _);
            CollectionDefinition fresh = await GetAsync(name, cancellationToken);
            if (fresh.Incarnation == definition.Incarnation && exception.Code == ErrorCode.NotFound)
            {
                throw;    // it was about an item
            }

            return await use(fresh);
        }
    }

    private async Task<CollectionDefinition> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(name, out (CollectionDefinition Definition, long Timestamp) known)
            && time.GetElapsedTime(known.Timestamp) < Lifetime)
        {
            return known.Definition;
        }

        long asked = time.GetTimestamp();    // not when it was answered: it may have changed since it was read
        CollectionDefinition definition = await grains.Collections().FindAsync(name, cancellationToken)
            ?? throw new ClusterException(ErrorCode.NotFound, $"The collection \"{name}\" does not exist.");
        _known[name] = (definition, asked);
        return definition;
    }
}
