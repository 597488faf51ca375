using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Configuration;

[OptionsValidator]
internal sealed partial class InferenceBounds : IValidateOptions<InferenceOptions>;

[OptionsValidator]
internal sealed partial class ImageBounds : IValidateOptions<ImageOptions>;

[OptionsValidator]
internal sealed partial class SearchBounds : IValidateOptions<SearchOptions>;

[OptionsValidator]
internal sealed partial class ClusterRoleBounds : IValidateOptions<ClusterRoleOptions>;

[OptionsValidator]
internal sealed partial class SnapshotBounds : IValidateOptions<SnapshotOptions>;

[OptionsValidator]
internal sealed partial class LearningBounds : IValidateOptions<LearningOptions>;
