namespace ChineseClip.Grains.Inference;

/// <summary>The models a silo can run. An interface because loading one is slow, and tests put a fake here.</summary>
/// <remarks>Threads: safe.</remarks>
public interface IModelCatalog
{
    /// <summary>The configured names, in ordinal order.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Gives a model, loading it at the first call; blocks meanwhile.</summary>
    /// <exception cref="Abstractions.ClusterException">NotFound, or ModelUnavailable when its package is wrong.</exception>
    IEmbeddingModel Get(string name);
}
