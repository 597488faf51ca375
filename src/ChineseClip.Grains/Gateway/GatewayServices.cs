using ChineseClip.Grains.Collections;
using ChineseClip.Grains.Inference;

namespace ChineseClip.Grains.Gateway;

/// <summary>What every grain of the gateway needs.</summary>
internal sealed record GatewayServices(
    CollectionCache Collections, EncoderChoice Encoders, ShardReadRouter Reads, TimeProvider Time);
