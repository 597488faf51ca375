using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Model;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Inference;

/// <summary>The model packages named in the configuration.</summary>
internal sealed class PackageCatalog : IModelCatalog
{
    private readonly InferenceOptions _options;
    private readonly EncoderRuntimeOptions _runtime;
    private readonly ImageDecodeLimits _limits;
    private readonly bool _scaledDecoding;
    private readonly Dictionary<string, IEmbeddingModel> _loaded = new(StringComparer.Ordinal);
    private readonly Lock _loading = new();

    public PackageCatalog(IOptions<InferenceOptions> inference, IOptions<ImageOptions> images)
    {
        _options = inference.Value;
        Names = [.. _options.Models.Keys.Order(StringComparer.Ordinal)];
        _runtime = new EncoderRuntimeOptions
        {
            IntraOpThreads = _options.IntraOpThreads,
            PackWeights = _options.PackWeights,
            ExecutionProviders = _options.ExecutionProviders.Count == 0 ? ["cpu"] : [.. _options.ExecutionProviders],
            RequireAccelerator = _options.RequireAccelerator,
        };
        _scaledDecoding = images.Value.ScaledDecoding;
        _limits = new ImageDecodeLimits
        {
            MaxPixels = images.Value.MaxPixels,
            MaxBytes = images.Value.MaxBytes,
            ApplyExifOrientation = images.Value.ApplyExifOrientation,
        };
    }

    public IReadOnlyList<string> Names { get; }

    public IEmbeddingModel Get(string name)
    {
        if (!_options.Models.TryGetValue(name, out string? directory))
        {
            string configured = Names.Count == 0 ? "none is configured" : $"configured: {string.Join(", ", Names)}";
            throw new ClusterException(ErrorCode.NotFound, $"The model \"{name}\" does not exist; {configured}.");
        }

        // A failed load is not remembered: the package may be put right while we run.
        lock (_loading)
        {
            if (!_loaded.TryGetValue(name, out IEmbeddingModel? model))
            {
                model = Load(name, directory);
                _loaded.Add(name, model);
            }

            return model;
        }
    }

    private PackageModel Load(string name, string directory)
    {
        try
        {
            ModelPackage package = ModelPackage.Open(directory);
            ImageSize? scaledDecodingFor = _scaledDecoding ? package.ImageProcessor.ScaledDecodingSize : null;
            return new PackageModel(name, package, _runtime, _limits with { ScaledDecodingFor = scaledDecodingFor });
        }
        catch (Exception exception) when (exception is ModelFormatException or IOException or UnauthorizedAccessException)
        {
            throw new ClusterException(
                ErrorCode.ModelUnavailable, $"The model \"{name}\" could not be loaded: {exception.Message}", exception);
        }
    }
}
