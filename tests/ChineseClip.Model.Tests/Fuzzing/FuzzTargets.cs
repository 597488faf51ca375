using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChineseClip.Model.Checkpoints;
using ChineseClip.Model.Evaluation;
using ChineseClip.Model.Packages;
using ChineseClip.Model.Tests.Checkpoints;
using ChineseClip.Model.Tests.Tokenization;

namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>Everything of the library that reads what others wrote.</summary>
internal static class FuzzTargets
{
    private const int MaxTensorElements = 1 << 20;
    private const int TensorsRead = 64;
    private static readonly ChineseClipConfig TinyConfig = ChineseClipConfig.Load(Path.Combine(GoldenFiles.TinyHf, "config.json"));
    private static readonly Lazy<Checkpoint> TinyCheckpoint =
        new(() => CheckpointReader.Open(Path.Combine(GoldenFiles.TinyHf, "model.safetensors")));

    private static readonly ImageDecodeLimits Limits = new() { MaxPixels = 400_000, MaxBytes = 1 << 20, ApplyExifOrientation = true };

    private static readonly string[] ConfigNames =
        ["text_config", "vision_config", "text_config_dict", "vision_config_dict", "projection_dim", "logit_scale_init_value", "model_type", "vocab_size", "hidden_size",
         "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act", "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "pad_token_id",
         "position_embedding_type", "num_channels", "image_size", "patch_size"];

    private static readonly string[] PictureNames =
        ["do_resize", "size", "height", "width", "shortest_edge", "longest_edge", "resample", "do_center_crop", "crop_size", "do_rescale", "rescale_factor", "do_normalize",
         "image_mean", "image_std", "do_convert_rgb", "data_format"];

    private static readonly string[] TokenizerNames =
        ["model_max_length", "do_lower_case", "strip_accents", "tokenize_chinese_chars", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token", "content"];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new() { Name = "torch", Seeds = TorchSeeds, Mutate = TorchMutations.MutateZip, Read = (_, path) => ReadCheckpoint(path) },
        new() { Name = "torch-legacy", Seeds = LegacySeeds, Mutate = TorchMutations.MutateLegacy, Read = (_, path) => ReadCheckpoint(path) },
        new() { Name = "safetensors", FileName = "input.safetensors", Seeds = SafetensorsSeeds, Mutate = MutateSafetensors, Read = (_, path) => ReadCheckpoint(path) },
        new() { Name = "index", Seeds = IndexSeeds, Mutate = (b, r) => JsonMutations.Mutate(b, ["weight_map", "metadata", "a", "b"], r), Read = ReadIndex },
        new() { Name = "config", Seeds = () => [Golden("config.json")], Mutate = (b, r) => JsonMutations.Mutate(b, ConfigNames, r), Read = ReadConfig },
        new() { Name = "preprocessor", Seeds = PreprocessorSeeds, Mutate = (b, r) => JsonMutations.Mutate(b, PictureNames, r), Read = ReadPreprocessor, IsRefusal = e => e is ModelFormatException or ArgumentException },
        new() { Name = "tokenizer-config", Seeds = () => [Golden("tokenizer_config.json"), "{}"u8.ToArray()], Mutate = (b, r) => JsonMutations.Mutate(b, TokenizerNames, r), Read = ReadTokenizerConfig },
        new() { Name = "vocabulary", Seeds = () => [Golden("vocab.txt"), "[PAD]\n[UNK]\r\n[CLS]\n[SEP]\na\n##b\n"u8.ToArray()], Mutate = MutateLines, Read = ReadVocabulary },
        new() { Name = "text", Seeds = TextSeeds, Mutate = MutateText, Read = (bytes, _) => ReadText(bytes), IsRefusal = _ => false },
        new() { Name = "manifest", Seeds = ManifestSeeds, Mutate = MutateManifest, Read = ReadManifest },
        new() { Name = "picture", Seeds = PictureSeeds, Mutate = PictureMutations.Mutate, Read = (bytes, _) => ReadPicture(bytes), IsRefusal = e => e is ImageInputException },
        new() { Name = "features", Seeds = FeatureSeeds, Mutate = (b, r) => r.Next(2) == 0 ? MutateLines(b, r) : JsonMutations.Mutate(b, ["text_id", "image_ids", "feature"], r), Read = (_, path) => ReadFeatures(path), IsRefusal = e => e is InvalidDataException },
    ];

    private static byte[] Golden(string name) => File.ReadAllBytes(Path.Combine(GoldenFiles.TinyHf, name));

    // --- checkpoints

    private static IEnumerable<byte[]> TorchSeeds() => [TorchBytes.Zip(Views("module."), Storages), Golden("pytorch_model.bin"), Golden("clip_cn_tiny.pt")];

    private static IEnumerable<byte[]> LegacySeeds() => [TorchBytes.Legacy(Views(""), Storages), TorchBytes.Legacy(Views("visual."), Storages)];

    private static IEnumerable<byte[]> SafetensorsSeeds() =>
        [Golden("model.fp16.safetensors"), SafetensorsBytes.Make("""{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]},"__metadata__":{"format":"pt"}}""", 32)];

    private static TorchView[] Views(string prefix) =>
    [
        new(prefix + "a", "0", 0, [2, 3], [3, 1]),
        new(prefix + "proj", "0", 0, [3, 2], [1, 3]),
        new(prefix + "conv1.weight", "1", 2, [2], [1]),
        new(prefix + "logit_scale", "1", 1, [], []),
    ];

    private static Dictionary<string, float[]> Storages => new() { ["0"] = [1, 2, 3, 4, 5, 6], ["1"] = [7, 8, 9, 10] };

    private static byte[] MutateSafetensors(byte[] file, Random random)
    {
        if (random.Next(3) == 0 || file.Length < 8 || BitConverter.ToInt64(file) is var length && (length < 0 || length > file.Length - 8))
        {
            return ByteMutations.Havoc(file, random);
        }

        (string header, byte[] data) = SafetensorsBytes.Split(file);
        byte[] changed = JsonMutations.Mutate(Encoding.UTF8.GetBytes(header), ["dtype", "shape", "data_offsets", "__metadata__", "logit_scale"], random);
        return SafetensorsBytes.Join(Encoding.UTF8.GetString(changed), data);
    }

    private static void ReadCheckpoint(string path)
    {
        using Checkpoint checkpoint = CheckpointReader.Open(path);
        foreach (CheckpointTensor tensor in checkpoint.Tensors.Values.Where(t => t.Count <= MaxTensorElements).Take(TensorsRead))
        {
            Assert.Equal(tensor.Count, tensor.ToArray().Length);
        }

        Bind(() => _ = KnownShapes.Deduce(checkpoint));
        Bind(() => _ = ModelWeights.Bind(checkpoint, TinyConfig));
    }

    private static void Bind(Action bind)
    {
        try
        {
            bind();
        }
        catch (ModelFormatException)
        {
            // Only few inputs are a whole model.
        }
    }

    private static IEnumerable<byte[]> IndexSeeds() => ["""{"metadata":{"total_size":28},"weight_map":{"a":"one.safetensors","b":"one.safetensors"}}"""u8.ToArray()];

    private static void ReadIndex(byte[] bytes, string path)
    {
        string folder = path + "-shards";
        Directory.CreateDirectory(folder);
        string index = Path.Combine(folder, "model.safetensors.index.json");
        InputFile.Write(index, bytes);
        string shard = Path.Combine(folder, "one.safetensors");
        if (!File.Exists(shard))
        {
            File.WriteAllBytes(shard, SafetensorsBytes.Make("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8));
        }

        ReadCheckpoint(index);
    }

    private static void ReadConfig(byte[] bytes, string path) => _ = ModelWeights.Bind(TinyCheckpoint.Value, ChineseClipConfig.Parse(bytes, path));

    // --- preprocessing

    private static IEnumerable<byte[]> PreprocessorSeeds() =>
    [
        Golden("preprocessor_config.json"),
        """{"size":{"shortest_edge":50},"crop_size":45,"resample":1,"do_rescale":false,"image_mean":0.5,"image_std":[0.5,0.5,0.5],"data_format":"channels_last"}"""u8.ToArray(),
        "{}"u8.ToArray(),
    ];

    private static void ReadPreprocessor(byte[] bytes, string path)
    {
        ImageProcessor processor = PackageAssets.Parse(path, json => new ImageProcessor(ImageProcessorOptions.FromJson(json)));
        ImageProcessorOptions o = processor.Options;
        long longest = Math.Max(Math.Max(o.CropSize.Height, o.CropSize.Width), o.Size is { } s ? Math.Max(s.Height, s.Width) : o.ShortestEdge * 2L);
        if (longest <= 600)
        {
            float[] values = processor.Process(new RgbImage(20, 30, new byte[1800]));
            Assert.True(o.OutputIsFinite(values), "a value is not finite");
        }
    }

    private static bool OutputIsFinite(this ImageProcessorOptions options, float[] values) =>
        Math.Abs(options.RescaleFactor) > 1e30 || options.ImageMean.Concat(options.ImageStd).Any(v => Math.Abs(v) is > 1e30 or < 1e-30) || values.All(float.IsFinite);

    // --- texts

    private static void ReadTokenizerConfig(byte[] bytes, string path)
    {
        ChineseClipTokenizer tokenizer = PackageAssets.LoadTokenizer(Path.Combine(GoldenFiles.TinyHf, "vocab.txt"), path, 128);
        Encode(tokenizer, "一只 猫 [SEP] Ünïcode test");
    }

    private static void ReadVocabulary(byte[] bytes, string path) => Encode(PackageAssets.LoadTokenizer(path, null, 128), "一只猫 [SEP] a test of ab");

    private static byte[] MutateLines(byte[] input, Random random)
    {
        if (random.Next(2) == 0)
        {
            return ByteMutations.Havoc(input, random);
        }

        List<byte[]> lines = [.. Encoding.Latin1.GetString(input).Split('\n').Select(l => Encoding.Latin1.GetBytes(l + "\n"))];
        ByteMutations.Parts(lines, random);
        return [.. lines.SelectMany(l => l)];
    }

    private static IEnumerable<byte[]> TextSeeds() =>
        TokenizerGolden.Read("tokenizer-tiny.json").Concat(TokenizerGolden.Read("tokenizer-bert-base-chinese.json"))
            .Select(row => Encoding.Unicode.GetBytes(row.Text));

    private static byte[] MutateText(byte[] input, Random random)
    {
        if (random.Next(4) > 0)
        {
            return ByteMutations.Havoc(input, random);
        }

        string[] pieces = ["[SEP]", "[MASK]", "##", " ", "\u3000", "ß", "İ", "Σ", "\u0301", "\U00020000", "\ud800", "\u200b", new string('a', 250), new string('\u0301', 90), "가", "\u2028", "!"];
        int place = 2 * random.Next((input.Length / 2) + 1);
        return [.. input[..place], .. Encoding.Unicode.GetBytes(pieces[random.Next(pieces.Length)]), .. input[place..]];
    }

    private static readonly ChineseClipTokenizer[] Tokenizers =
        [.. Enum.GetValues<TokenizerReference>().Select(r => ChineseClipTokenizer.Load(Path.Combine(GoldenFiles.TinyHf, "vocab.txt"), r))];

    private static void ReadText(byte[] bytes)
    {
        char[] units = new char[bytes.Length / 2];
        Buffer.BlockCopy(bytes, 0, units, 0, units.Length * 2);
        Array.ForEach(Tokenizers, tokenizer => Encode(tokenizer, new string(units)));
    }

    /// <summary>Encodes, and checks what must hold for every text.</summary>
    private static void Encode(ChineseClipTokenizer tokenizer, string text)
    {
        int[] all = tokenizer.ConvertToIds(tokenizer.Tokenize(text));
        int[] encoded = tokenizer.Encode(text);
        Assert.InRange(encoded.Length, 2, tokenizer.MaxLength);
        Assert.Equal(tokenizer.ClsId, encoded[0]);
        Assert.Equal(tokenizer.SepId, encoded[^1]);
        Assert.Equal(all.Take(tokenizer.MaxLength - 2), encoded[1..^1]);
        TokenBatch batch = tokenizer.EncodeBatch([text, ""], new TokenBatchOptions { Padding = TokenPadding.MaxLength });
        Assert.Equal(encoded.Length + 2, batch.AttentionMask.Sum());
        _ = tokenizer.DecodeBatch([encoded, all], skipSpecialTokens: false);
    }

    // --- packages

    private static readonly Lazy<string> Package = new(() =>
    {
        var directory = new TemporaryDirectory();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => directory.Dispose();
        ModelConverter.Convert(GoldenFiles.TinyHf, directory["package"]);
        return directory["package"];
    });

    private static IEnumerable<byte[]> ManifestSeeds() => [File.ReadAllBytes(Path.Combine(Package.Value, ManifestFile.Name))];

    private static byte[] MutateManifest(byte[] input, Random random)
    {
        byte[] changed = JsonMutations.Mutate(
            input, ["formatVersion", "name", "precision", "imageSize", "maxTextLength", "logitScale", "sha256", "files", "byteCount", "config", "textConfig", "visionConfig", "headCount"], random);
        if (random.Next(4) == 0)
        {
            return changed;
        }

        // Signed again, so that not only the signature is read.
        try
        {
            JsonNode root = JsonNode.Parse(changed)!;
            root["sha256"] = ManifestFile.Identity(ManifestFile.Parse(changed)!);
            return Encoding.UTF8.GetBytes(root.ToJsonString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or ModelFormatException or NullReferenceException)
        {
            return changed;
        }
    }

    private static void ReadManifest(byte[] bytes, string path)
    {
        // A package of links: only its manifest is of this input.
        string folder = path + "-package";
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            foreach (string file in Directory.GetFiles(Package.Value).Where(f => Path.GetFileName(f) != ManifestFile.Name))
            {
                File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
            }
        }

        InputFile.Write(Path.Combine(folder, ManifestFile.Name), bytes);
        _ = ModelPackage.Open(folder);
    }

    // --- pictures

    private static IEnumerable<byte[]> PictureSeeds() =>
        new[] { "formats", Path.Combine("images", "src") }.SelectMany(folder => Directory.GetFiles(Path.Combine(GoldenFiles.Root, folder)))
            .Where(file => Path.GetExtension(file) is ".png" or ".jpg" or ".gif" or ".bmp" or ".webp")
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(bytes => bytes.Length < 20_000);

    private static void ReadPicture(byte[] bytes)
    {
        _ = ImageDecoder.TryReadSize(bytes, out _, out _, out _);
        RgbImage image = ImageDecoder.Decode(bytes, "fuzz", Limits);
        Assert.True(image.Pixels.Length == 3 * image.Width * image.Height && image.Width * image.Height <= Limits.MaxPixels);
        SourceImage source = ImageDecoder.DecodeSource(bytes, "fuzz", Limits);
        Assert.Equal(image.Pixels.Length, source.Rgb.Pixels.Length);
        _ = Processor.Resize(source);
    }

    private static readonly ImageProcessor Processor =
        new(ImageProcessorOptions.Default with { Size = new ImageSize(32, 32), DoCenterCrop = false });

    // --- evaluation

    private static IEnumerable<byte[]> FeatureSeeds() =>
    [
        Encoding.UTF8.GetBytes("{\"text_id\": 1, \"feature\": [0.5, -1e-3], \"image_ids\": [1,2,3,4,5,6,7,8,9,10]}\n{\"text_id\": 2, \"feature\": [0, 1], \"image_ids\": [11,2,3,4,5,6,7,8,9,10]}\n"),
    ];

    private static void ReadFeatures(string path)
    {
        _ = RetrievalFiles.ReadFeatures(path, RetrievalDirection.TextToImage);
        _ = RetrievalFiles.ReadAnnotations(path, RetrievalDirection.TextToImage);
        _ = RetrievalFiles.ReadPredictions(path, RetrievalDirection.TextToImage);
    }
}
