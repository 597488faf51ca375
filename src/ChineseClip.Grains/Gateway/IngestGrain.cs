using System.Diagnostics;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Concurrency;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Inference;
using ChineseClip.Grains.Placement;
using ChineseClip.Grains.Shards;
using ChineseClip.Grains.Telemetry;
using Orleans.Concurrency;

namespace ChineseClip.Grains.Gateway;

/// <summary>Items come in: check, decode, embed, store. Every item succeeds or fails by itself.</summary>
/// <remarks>On silos with models, because a picture is cut to the model's size before it travels.</remarks>
[StatelessWorker(1), Reentrant, OnRole(SiloRoles.Inference), GrainType("ingest")]
internal sealed class IngestGrain(GatewayServices services, IModelCatalog catalog, DecodePool decode) : Grain, IIngestGrain
{
    private const int InputsPerCall = 64;
    private const int BytesPerRecord = 4 << 20;

    public async Task<ItemOutcome[]> PutAsync(PutItems items, CancellationToken cancellationToken)
    {
        InputRules.CheckRange(items.Items.Length, 1, InputRules.MaxBatchItems, "The number of items");
        InputRules.CheckTimeout(items.Timeout);
        Guid operation = items.OperationId == Guid.Empty ? Guid.NewGuid() : items.OperationId;
        using Deadline deadline = new(services.Time, items.Timeout, cancellationToken);
        using Activity? activity = GrainsTelemetry.Activities.StartActivity("ingest");
        return await services.Collections.UseAsync(
            items.Collection,
            async definition =>
            {
                PreparedItem[] prepared = Array.ConvertAll(items.Items, item => new PreparedItem(item));
                foreach (PreparedItem item in prepared)
                {
                    Check(item, definition);                                                   // Step 1
                }

                await DecodeAsync(prepared, definition, deadline);                             // Step 2
                await EmbedAsync(prepared, definition, deadline);                              // Step 3
                await StoreAsync(prepared, definition, operation, deadline);                   // Step 4
                return Array.ConvertAll(prepared, item => item.Outcome!);
            },
            deadline);
    }

    private static void Check(PreparedItem prepared, CollectionDefinition definition)
    {
        PutItem item = prepared.Item;
        Try(prepared, () =>
        {
            InputRules.CheckId(item.Id);
            int contents = (item.Image is null ? 0 : 1) + (item.Text is null ? 0 : 1) + (item.Vector is null ? 0 : 1);
            if (contents != 1)
            {
                throw InputRules.Invalid($"The item \"{item.Id}\" has {contents} of image, text and vector; must have exactly one.");
            }

            if (item.Payload is { } payload)
            {
                InputRules.CheckPayload(payload);
            }

            if (item.Vector is { } vector)
            {
                prepared.Vector = InputRules.ToUnit(vector, definition.Dimension);
                return;
            }

            if (definition.Model is null)
            {
                throw InputRules.Invalid($"The collection \"{definition.Name}\" has no model; its items must be vectors.");
            }

            if (item.Text is { } text)
            {
                InputRules.CheckText(text);
            }
        });
    }

    private async Task DecodeAsync(PreparedItem[] items, CollectionDefinition definition, Deadline deadline)
    {
        PreparedItem[] pictures = [.. items.Where(item => !item.HasFailed && item.Item.Image is not null)];
        if (pictures.Length == 0)
        {
            return;
        }

        await deadline.RunAsync(
            async token =>
            {
                IEmbeddingModel model = await Task.Run(() => catalog.Get(definition.Model!), token);
                return await Task.WhenAll(pictures.Select(item => decode.Pool.RunAsync(
                    () =>
                    {
                        Try(item, () => item.Pixels = model.Prepare(item.Item.Image!.Value.Span, item.Item.Id));
                        return true;
                    },
                    token)));
            },
            "Decoding the pictures");
    }

    private async Task EmbedAsync(PreparedItem[] items, CollectionDefinition definition, Deadline deadline)
    {
        foreach (PreparedItem[] chunk in items.Where(item => !item.HasFailed && item.Item.Text is not null).Chunk(InputsPerCall))
        {
            EncodeTexts texts = new() { Texts = [.. chunk.Select(item => item.Item.Text!)], Timeout = deadline.Left };
            await EmbedAsync(
                chunk, definition, deadline, token => services.Encoders.Text(definition.Model!).EncodeTextsAsync(texts, token));
        }

        foreach (PreparedItem[] chunk in items.Where(item => !item.HasFailed && item.Item.Image is not null).Chunk(InputsPerCall))
        {
            EncodeImages images = new() { Images = [.. chunk.Select(item => item.Pixels)], Timeout = deadline.Left };
            await EmbedAsync(
                chunk, definition, deadline, token => services.Encoders.Image(definition.Model!).EncodeImagesAsync(images, token));
        }
    }

    private static async Task EmbedAsync(
        PreparedItem[] items, CollectionDefinition definition, Deadline deadline, Func<CancellationToken, Task<EmbeddingBatch>> embed)
    {
        try
        {
            EmbeddingBatch batch = await deadline.RunAsync(embed, "Embedding");
            if (batch.ModelSha256 != definition.ModelSha256)
            {
                throw new ClusterException(
                    ErrorCode.DimensionMismatch,
                    $"The model \"{definition.Model}\" is now {batch.ModelSha256}; the collection \"{definition.Name}\" was made with {definition.ModelSha256}.");
            }

            for (int i = 0; i < items.Length; i++)
            {
                items[i].Vector = batch.Vectors[i];
                items[i].Pixels = default;
            }
        }
        catch (Exception exception) when (exception is ClusterException or OrleansException or TimeoutException)
        {
            ErrorCode code = exception is ClusterException own ? own.Code : ErrorCode.ModelUnavailable;
            FailAll(items, code, exception.Message);
        }
    }

    private async Task StoreAsync(PreparedItem[] items, CollectionDefinition definition, Guid operation, Deadline deadline)
    {
        await Task.WhenAll(items
            .Where(item => !item.HasFailed)
            .GroupBy(item => ShardOf.Id(item.Item.Id, definition.Shards))
            .Select(group => StoreAsync(group.Key, [.. group], definition, operation, deadline)));
    }

    // The records of one shard one after the other, so that of two items with one id the later wins.
    private async Task StoreAsync(
        int shard, PreparedItem[] items, CollectionDefinition definition, Guid operation, Deadline deadline)
    {
        int part = 0;
        foreach (PreparedItem[] record in Records(items))
        {
            ShardWrite write = new()
            {
                OperationId = Operations.Part(operation, part++, record.Select(item => item.Item.Id)),
                Incarnation = definition.Incarnation,
                Upserts = Array.ConvertAll(record, ToShardItem),
            };
            try
            {
                ShardWriteAnswer answer = await deadline.RunAsync(
                    token => GrainFactory.WriteAsync(definition, shard, write, services.Time, token),
                    $"The write to shard {definition.Name}/{shard}");
                services.Reads.Acknowledge(definition, shard, answer.Lsn);
                for (int i = 0; i < record.Length; i++)
                {
                    record[i].Succeed(answer.Upserts[i]);
                }
            }
            catch (ClusterException exception) when (exception.Code is ErrorCode.Conflict or ErrorCode.NotFound)
            {
                throw;    // the collection is another one or gone: the batch is done again, or refused, as a whole
            }
            catch (Exception exception) when (exception is ClusterException or OrleansException or TimeoutException)
            {
                ClusterException error = ShardCalls.ToShardError(definition.Name, shard, exception);
                FailAll(record, error.Code, error.Message);
            }
        }
    }

    private static IEnumerable<PreparedItem[]> Records(PreparedItem[] items)
    {
        List<PreparedItem> record = [];
        int bytes = 0;
        foreach (PreparedItem item in items)
        {
            int itemBytes = WriteRecord.EstimateBytes(ToShardItem(item));
            if (record.Count > 0 && bytes + itemBytes > BytesPerRecord)
            {
                yield return [.. record];
                record.Clear();
                bytes = 0;
            }

            record.Add(item);
            bytes += itemBytes;
        }

        if (record.Count > 0)
        {
            yield return [.. record];
        }
    }

    private static ShardItem ToShardItem(PreparedItem item) =>
        new() { Id = item.Item.Id, Vector = item.Vector!.Value, Payload = item.Item.Payload };

    private static void Try(PreparedItem item, Action step)
    {
        try
        {
            step();
        }
        catch (ClusterException exception)
        {
            item.Fail(exception.Code, exception.Message);
        }
    }

    private static void FailAll(PreparedItem[] items, ErrorCode code, string message)
    {
        foreach (PreparedItem item in items)
        {
            item.Fail(code, message);
        }
    }
}
