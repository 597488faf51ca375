using ChineseClip.Abstractions;
using ChineseClip.Grains.Inference;

namespace ChineseClip.Grains.Tests.Fakes;

internal sealed class FakeCatalog(params IEmbeddingModel[] models) : IModelCatalog
{
    public IReadOnlyList<string> Names { get; } = [.. models.Select(model => model.Description.Name)];

    public IEmbeddingModel Get(string name) =>
        models.FirstOrDefault(model => model.Description.Name == name)
        ?? throw new ClusterException(ErrorCode.NotFound, $"The model \"{name}\" does not exist.");
}
