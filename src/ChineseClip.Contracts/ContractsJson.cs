using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChineseClip.Contracts;

/// <summary>Source-generated JSON of every HTTP record: camelCase, absent instead of null.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateCollectionRequest))]
[JsonSerializable(typeof(CollectionDescription))]
[JsonSerializable(typeof(CollectionList))]
[JsonSerializable(typeof(SetAliasRequest))]
[JsonSerializable(typeof(AliasDescription))]
[JsonSerializable(typeof(AliasList))]
[JsonSerializable(typeof(SnapshotDescription))]
[JsonSerializable(typeof(SnapshotList))]
[JsonSerializable(typeof(RestoreSnapshotRequest))]
[JsonSerializable(typeof(ExportSnapshotRequest))]
[JsonSerializable(typeof(ExportSnapshotResponse))]
[JsonSerializable(typeof(ImportSnapshotRequest))]
[JsonSerializable(typeof(PutItemsRequest))]
[JsonSerializable(typeof(PutItemsResponse))]
[JsonSerializable(typeof(ItemResponse))]
[JsonSerializable(typeof(DeleteItemsRequest))]
[JsonSerializable(typeof(DeleteItemsResponse))]
[JsonSerializable(typeof(Filter))]
[JsonSerializable(typeof(SearchRequest))]
[JsonSerializable(typeof(SearchResponse))]
[JsonSerializable(typeof(SearchBatchRequest))]
[JsonSerializable(typeof(SearchBatchResponse))]
[JsonSerializable(typeof(RecommendRequest))]
[JsonSerializable(typeof(ScrollRequest))]
[JsonSerializable(typeof(ScrollResponse))]
[JsonSerializable(typeof(CountRequest))]
[JsonSerializable(typeof(CountResponse))]
[JsonSerializable(typeof(FacetsRequest))]
[JsonSerializable(typeof(FacetsResponse))]
[JsonSerializable(typeof(EmbeddingsRequest))]
[JsonSerializable(typeof(EmbeddingsResponse))]
[JsonSerializable(typeof(SimilarityRequest))]
[JsonSerializable(typeof(SimilarityResponse))]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(ClassifyResponse))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelDescription))]
[JsonSerializable(typeof(ClusterDescription))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(Problem))]
public sealed partial class ContractsJson : JsonSerializerContext;
