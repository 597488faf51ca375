using ChineseClip.Abstractions;
using ChineseClip.Model;

namespace ChineseClip.Grains.Inference;

/// <summary>A model package from disk.</summary>
internal sealed class PackageModel(
    string name, ModelPackage package, EncoderRuntimeOptions runtime, ImageDecodeLimits limits) : IEmbeddingModel
{
    public ModelDescription Description { get; } = new()
    {
        Name = name,
        Status = ModelStatus.Available,
        Architecture = package.Manifest.Architecture,
        Dimension = package.Manifest.Dimension,
        ImageSize = package.Manifest.ImageSize,
        MaxTextLength = package.Manifest.MaxTextLength,
        LogitScale = package.Manifest.LogitScale,
        Precision = package.Manifest.Precision switch
        {
            ModelPrecision.Fp16 => "fp16",
            ModelPrecision.Int8 => "int8",
            _ => "fp32",
        },
        Source = package.Manifest.Source,
        Sha256 = package.Manifest.Sha256,
    };

    public int[] Tokenize(string text) => package.Tokenizer.Encode(text);

    public byte[] Prepare(ReadOnlySpan<byte> file, string inputName)
    {
        try
        {
            return package.ImageProcessor.Resize(ImageDecoder.Decode(file, inputName, limits)).Pixels;
        }
        catch (ImageInputException exception)
        {
            ErrorCode code = exception.Error is ImageInputError.TooManyPixels or ImageInputError.TooManyBytes
                ? ErrorCode.TooLarge
                : ErrorCode.InvalidInput;
            throw new ClusterException(code, exception.Message);
        }
    }

    public ITextEncoder CreateTextEncoder() => package.CreateTextEncoder(runtime);

    public IImageEncoder CreateImageEncoder() => package.CreateImageEncoder(runtime);
}
