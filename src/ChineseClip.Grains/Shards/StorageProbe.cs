using ChineseClip.Grains.Configuration;
using ChineseClip.Storage;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Shards;

/// <summary>Says whether this silo's storage answers; for health checks.</summary>
public sealed class StorageProbe
{
    /// <summary>Never written.</summary>
    private const string DocumentName = "health";

    private readonly SiloStorage _storage;

    private readonly bool _isUsed;

    internal StorageProbe(SiloStorage storage, IOptions<ClusterRoleOptions> roles)
    {
        _storage = storage;
        _isUsed = SiloRoles.Split(roles.Value.Roles).Contains(SiloRoles.Shards);
    }

    /// <summary>Null when it answers or this silo has none; otherwise what is wrong.</summary>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        if (!_isUsed)
        {
            return null;
        }

        try
        {
            _ = await _storage.Shards.Documents.ReadAsync(DocumentName, cancellationToken);
            return null;
        }
        catch (StorageException exception)
        {
            return exception.Message;
        }
    }
}
