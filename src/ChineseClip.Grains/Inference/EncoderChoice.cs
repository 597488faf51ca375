using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Inference;

/// <summary>Which of a model's encoders a call goes to: each in turn.</summary>
internal sealed class EncoderChoice(IGrainFactory grains, IOptions<InferenceOptions> options)
{
    private int _next;

    public IEncoderGrain Text(string model) => grains.Encoder(model, GrainKeys.Text, Ordinal());

    public IEncoderGrain Image(string model) => grains.Encoder(model, GrainKeys.Image, Ordinal());

    private int Ordinal() => (int)((uint)Interlocked.Increment(ref _next) % (uint)options.Value.EncoderCount);
}
